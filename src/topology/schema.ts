import { z } from "zod";
import { nodeEntry, nodeSchema, type portSchema } from "./schema-node.ts";
import { count, nodeName, parameterName, portName, portReference } from "./schema-scalars.ts";
import { stackSchema } from "./schema-stack.ts";
import { impairmentsSchema, segmentEntry, wireEntry, type segmentSchema, type wireSchema } from "./schema-wire.ts";

const parameterValue = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .meta({ title: "text, a number, true or false, or nothing" });
const instanceSchema = z
  .strictObject({
    blueprint: z.string().describe("Name of the blueprint."),
    count: count.optional(),
    with: z
      .record(
        parameterName,
        z.union([z.string(), z.number(), z.boolean()]).meta({ title: "text, a number, or true or false" }),
      )
      .optional()
      .describe("Values of its parameters."),
  })
  .meta({ id: "instance" });

const contents = {
  nodes: z.record(nodeName, nodeEntry).optional().describe("Virtual machines by name."),
  wires: z.array(wireEntry).optional().describe("Cables, each between two ports."),
  segments: z.record(nodeName, segmentEntry).optional().describe("Shared Ethernets by name."),
  instances: z
    .record(nodeName, instanceSchema)
    .optional()
    .describe("Instances of blueprints; their nodes are named INSTANCE-NODE."),
};
const parameters = z
  .record(parameterName, parameterValue)
  .optional()
  .describe("Names that ${…} may use, with their values; empty ones must be given.");

const blueprintSchema = z
  .strictObject({
    description: z.string().optional(),
    parameters,
    ...contents,
    exports: z
      .record(portName, z.union([portReference, z.strictObject({ port: portReference, count: count.optional() })]))
      .optional()
      .describe("Ports that can be wired from outside, as INSTANCE:NAME."),
  })
  .meta({ id: "blueprint" });

const seed = "expected a whole number that is not negative";

/** A topology as it is declared. */
export const topologySchema = z.strictObject({
  name: nodeName.optional().describe("The name of the file unless given. MACs are derived from it."),
  description: z.string().optional(),
  seed: z.int({ error: seed }).min(0, { error: seed }).optional().describe("Root of all randomness; 0 unless given."),
  parameters,
  defaults: z
    .strictObject({
      node: nodeSchema.omit({ extends: true, count: true }).optional().describe("What every node starts from."),
      wire: impairmentsSchema.optional().describe("What every wire starts from."),
    })
    .optional()
    .describe("`node`: the entries that every node starts from; `wire`: the impairments that every wire starts from."),
  definitions: z
    .record(z.string(), nodeSchema)
    .optional()
    .describe("Partial nodes for `extends`; they make no machine."),
  ...contents,
  blueprints: z.record(nodeName, blueprintSchema).optional().describe("Pieces of topology to be instantiated."),
  stack: stackSchema.optional().describe("How the racks are set up: their sleds and switches."),
});

/** A topology as it is declared, in YAML or in TypeScript. */
export type TopologyDeclaration = z.input<typeof topologySchema>;
/** A node as it is declared. */
export type NodeDeclaration = z.input<typeof nodeSchema>;
/** A port as it is declared. */
export type PortDeclaration = z.input<typeof portSchema>;
/** A wire as it is declared. */
export type WireDeclaration = z.input<typeof wireSchema>;
/** A segment as it is declared. */
export type SegmentDeclaration = z.input<typeof segmentSchema>;
/** A blueprint as it is declared. */
export type BlueprintDeclaration = z.input<typeof blueprintSchema>;
/** An instance of a blueprint as it is declared. */
export type InstanceDeclaration = z.input<typeof instanceSchema>;
/** Impairments as they are declared. */
export type ImpairmentsDeclaration = z.input<typeof impairmentsSchema>;
