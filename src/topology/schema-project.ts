import { z } from "zod";
import { size } from "./schema-scalars.ts";

/** Names as the control plane takes them. */
export const resourceName = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'expected a name of at most 63 lower-case letters, digits and "-" that begins with a letter',
  );

const rackInstanceSchema = z
  .strictObject({
    cpus: z.int().min(1).max(64).optional().describe("CPUs that count where it is placed; 1 unless given."),
    memory: size.optional().describe("Memory that counts where it is placed, at least 64 MiB; 1 GiB unless given."),
    vpc: resourceName.optional().describe("The VPC that its network interface is in; `default` unless given."),
    kind: z
      .enum(["light", "vm"])
      .optional()
      .describe("`light`, a network namespace of its sled, or `vm`, a machine of its own; light unless given."),
    start: z.boolean().optional().describe("Whether it runs when the rack comes up; true unless given."),
  })
  .meta({ id: "rack-instance" });

/** A project of the control plane: what VPCs and instances belong to. */
export const projectSchema = z
  .strictObject({
    vpcs: z
      .array(resourceName)
      .optional()
      .describe("VPCs besides `default`, each with a subnet `default` for its instances."),
    instances: z
      .record(resourceName, z.union([rackInstanceSchema, z.null()]).meta({ title: "an instance, or nothing" }))
      .optional()
      .describe("Instances by name; nexus chooses their sleds."),
  })
  .meta({ id: "project" });
