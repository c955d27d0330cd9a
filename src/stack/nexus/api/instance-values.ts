import { z } from "@hono/zod-openapi";
import type { InstanceRow } from "../engine/rows.ts";
import { networkInterfaceCreate } from "./interface-values.ts";
import { view } from "./operation.ts";
import { identity, identityCreate, nameOrId, poolSelector, time } from "./values.ts";

const runState = z.enum(["creating", "starting", "running", "stopping", "stopped", "rebooting", "migrating", "failed"]);
const autoRestartPolicy = z.enum(["never", "best_effort"]);

/** An instance as it is shown. */
export const instance = z
  .object({
    ...identity,
    project_id: z.string(),
    hostname: z.string(),
    ncpus: z.int(),
    memory: z.int(),
    run_state: runState,
    time_run_state_updated: time,
    auto_restart_enabled: z.boolean(),
    auto_restart_policy: autoRestartPolicy.nullable(),
    boot_disk_id: z.null(),
    cpu_platform: z.null(),
    enable_jumbo_frames: z.boolean(),
  })
  .openapi("Instance");

/** An instance as it is shown. */
export function showInstance(row: InstanceRow): z.input<typeof instance> {
  return view(instance, {
    ...row,
    auto_restart_enabled: row.auto_restart_policy !== "never",
    boot_disk_id: null,
    cpu_platform: null,
  });
}

const hostname = z
  .string()
  .max(253)
  .regex(
    /^(?!\d+(\.\d+)*$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/,
    "expected labels of letters, digits and '-' (RFC 1035)",
  );
const gibibyte = 1_073_741_824;
const ncpus = z.int().min(1).max(64);
// Light instances are namespaces: a part of a gibibyte does.
const memory = z
  .int()
  .min(gibibyte / 16)
  .max(1024 * gibibyte);

/** An address that an instance begins with. */
const externalIpCreate = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ephemeral"), pool_selector: poolSelector.optional() }),
  z.strictObject({ type: z.literal("floating"), floating_ip: nameOrId }),
]);

/** The NICs that an instance begins with. */
const interfaceAttachment = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("create"), params: z.array(networkInterfaceCreate) }),
  z.strictObject({ type: z.literal("default_ipv4") }),
  z.strictObject({ type: z.literal("default_ipv6") }),
  z.strictObject({ type: z.literal("default_dual_stack") }),
  z.strictObject({ type: z.literal("none") }),
]);

/** Nothing of a kind that this control plane does not have. */
function none(what: string): z.ZodOptional<z.ZodArray<z.ZodUnknown>> {
  return z.array(z.unknown()).max(0, `this control plane has no ${what}`).optional();
}

/** What is said of a new instance. `kind` is ours: a network namespace, or a machine. */
export const instanceCreate = z
  .strictObject({
    ...identityCreate,
    hostname,
    ncpus,
    memory,
    kind: z.enum(["light", "vm"]).default("light"),
    network_interfaces: interfaceAttachment.default({ type: "default_dual_stack" }),
    external_ips: z.array(externalIpCreate).default([]),
    start: z.boolean().default(true),
    auto_restart_policy: autoRestartPolicy.nullish().transform((policy) => policy ?? null),
    enable_jumbo_frames: z.boolean().default(false),
    user_data: z
      .string()
      .max(32 * 1024)
      .optional(),
    boot_disk: z.null("this control plane has no disks").optional(),
    disks: none("disks"),
    ssh_public_keys: none("SSH keys").nullable(),
    anti_affinity_groups: none("affinity groups"),
    multicast_groups: none("multicast groups"),
    cpu_platform: z.null("this control plane knows no CPU platforms").optional(),
  })
  .openapi("InstanceCreate");

/** What is said of an instance that is to be changed. */
export const instanceUpdate = z
  .strictObject({
    ncpus,
    memory,
    auto_restart_policy: autoRestartPolicy.nullable(),
    enable_jumbo_frames: z.boolean(),
    boot_disk: z.null("this control plane has no disks"),
    cpu_platform: z.null("this control plane knows no CPU platforms"),
    multicast_groups: none("multicast groups").nullable(),
  })
  .openapi("InstanceUpdate");
