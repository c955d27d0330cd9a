import { limits } from "../engine/limits.ts";
import type { InstanceRow, ProjectRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { attachEphemeralIp, attachFloatingIp, ensureSnat } from "./external-ips.ts";
import { createInterface, requireStopped, type StackCreate, subnetByNames } from "./interfaces.ts";
import { floatingIpOf, isId, requireFreeName } from "./lookup.ts";
import { hasRoom, placeInstance } from "./placement.ts";
import type { PoolChoice } from "./pools.ts";
import { invalid, limitReached, notFound } from "./refusals.ts";

/** A NIC that an instance begins with. */
export interface NamedInterface {
  readonly name: string;
  readonly description: string;
  readonly vpc_name: string;
  readonly subnet_name: string;
  readonly ip_config?: IpConfig | undefined;
}

/** The families of a NIC. */
export type IpConfig =
  | { readonly type: "v4" | "v6"; readonly value: StackCreate }
  | { readonly type: "dual_stack"; readonly value: { readonly v4: StackCreate; readonly v6: StackCreate } };

/** The NICs that an instance begins with. */
export type InterfaceAttachment =
  | { readonly type: "create"; readonly params: readonly NamedInterface[] }
  | { readonly type: "default_ipv4" | "default_ipv6" | "default_dual_stack" | "none" };

/** The external addresses that an instance begins with. */
export type ExternalIpCreate =
  | { readonly type: "ephemeral"; readonly pool_selector?: PoolChoice | undefined }
  | { readonly type: "floating"; readonly floating_ip: string };

/** What is said of a new instance. */
export interface InstanceCreate {
  readonly name: string;
  readonly description: string;
  readonly hostname: string;
  readonly ncpus: number;
  readonly memory: number;
  readonly kind: InstanceRow["kind"];
  readonly auto_restart_policy: InstanceRow["auto_restart_policy"];
  readonly enable_jumbo_frames: boolean;
  readonly start: boolean;
  readonly network_interfaces: InterfaceAttachment;
  readonly external_ips: readonly ExternalIpCreate[];
}

/** Make an instance with its NICs and addresses, and let it run if it shall. */
export function createInstance(store: Store, project: ProjectRow, wanted: InstanceCreate): InstanceRow {
  const { instances } = store.tables;
  const { start, network_interfaces: attachment, external_ips: externalIps, name, description, ...rest } = wanted;
  requireFreeName(instances, "instance", { project_id: project.id, name });
  if (instances.count({ project_id: project.id }) >= limits.instancesPerProject) {
    throw limitReached("project", "instances per project", limits.instancesPerProject);
  }
  if (rest.enable_jumbo_frames) requireJumboFrames(store);
  const identity = store.newIdentity({ name, description });
  const instance = instances.insert({
    ...identity,
    project_id: project.id,
    ...rest,
    intent: "stopped",
    incarnation: 0,
    sled_id: null,
    run_state: "stopped",
    time_run_state_updated: identity.time_created,
  });
  createInterfaces(store, instance, attachment);
  for (const [at, external] of externalIps.entries()) {
    const field = `external_ips.${at}`;
    if (external.type === "ephemeral") {
      attachEphemeralIp(store, instance, external.pool_selector ?? { type: "auto" }, `${field}.pool_selector`);
    } else {
      const parent = isId(external.floating_ip) ? undefined : project.id;
      const floating = floatingIpOf(store, `${field}.floating_ip`, external.floating_ip, parent);
      attachFloatingIp(store, floating, instance, `${field}.floating_ip`);
    }
  }
  return start ? startInstance(store, instance) : instance;
}

function createInterfaces(store: Store, instance: InstanceRow, attachment: InterfaceAttachment): void {
  const owner = { instance_id: instance.id, probe_id: null } as const;
  const wanted: readonly NamedInterface[] =
    attachment.type === "create" ? attachment.params : defaultNic(attachment.type);
  if (wanted.length > limits.interfacesPerInstance) {
    throw limitReached("network_interfaces.params", "network interfaces per instance", limits.interfacesPerInstance);
  }
  for (const [at, nic] of wanted.entries()) {
    const where = attachment.type === "create" ? `network_interfaces.params.${at}.` : "network_interfaces: ";
    addInterface(store, instance, nic, where);
  }
  const primary = store.tables.interfaces.find({ ...owner, is_primary: true });
  if (primary !== undefined) ensureSnat(store, { ...owner, project_id: instance.project_id }, primary);
}

/** Give an instance a NIC that names its VPC and subnet. */
export function addInterface(
  store: Store,
  instance: InstanceRow,
  { vpc_name, subnet_name, ip_config, ...naming }: NamedInterface,
  at = "",
): ReturnType<typeof createInterface> {
  const subnet = subnetByNames(store, instance.project_id, vpc_name, subnet_name, at);
  const stacks = stacksOf(ip_config);
  return createInterface(store, { instance_id: instance.id, probe_id: null }, { ...naming, subnet, ...stacks }, at);
}

const automatic: StackCreate = { ip: { type: "auto" } };

function stacksOf(config: IpConfig | undefined): {
  readonly v4: StackCreate | undefined;
  readonly v6: StackCreate | undefined;
} {
  switch (config?.type) {
    case undefined:
      return { v4: automatic, v6: automatic };
    case "v4":
      return { v4: config.value, v6: undefined };
    case "v6":
      return { v4: undefined, v6: config.value };
    case "dual_stack":
      return config.value;
  }
}

function defaultNic(type: Exclude<InterfaceAttachment["type"], "create">): readonly NamedInterface[] {
  const nic = { name: "net0", description: "Default primary interface", vpc_name: "default", subnet_name: "default" };
  switch (type) {
    case "none":
      return [];
    case "default_ipv4":
      return [{ ...nic, ip_config: { type: "v4", value: automatic } }];
    case "default_ipv6":
      return [{ ...nic, ip_config: { type: "v6", value: automatic } }];
    case "default_dual_stack":
      return [nic];
  }
}

/** Let an instance run; one that does already is left alone. @throws ApiError (507) if no sled has room */
export function startInstance(store: Store, instance: InstanceRow): InstanceRow {
  if (instance.intent === "running" && instance.run_state !== "failed") return instance;
  if (instance.run_state === "stopping") throw invalid("instance", `"${instance.name}" is stopping: wait until it has`);
  const sled = placeInstance(store, instance);
  return change(store, instance, {
    intent: "running",
    sled_id: sled.id,
    incarnation: instance.incarnation + 1,
    run_state: "starting",
  });
}

/** Let an instance stop; one that does already is left alone. */
export function stopInstance(store: Store, instance: InstanceRow): InstanceRow {
  if (instance.intent === "stopped") return instance;
  return change(store, instance, { intent: "stopped", run_state: "stopping" });
}

/** Let a running instance begin anew where it is. */
export function rebootInstance(store: Store, instance: InstanceRow): InstanceRow {
  requireRunning(instance);
  return change(store, instance, { incarnation: instance.incarnation + 1, run_state: "rebooting" });
}

/**
 * Let a running instance go on at another sled, with its addresses: a light one begins anew, a machine is the same one there.
 *
 * @throws ApiError if that has no room, or none has
 */
export function moveInstance(store: Store, instance: InstanceRow, sledId: string | undefined): InstanceRow {
  requireRunning(instance);
  if (sledId === instance.sled_id) return instance;
  let sled = sledId === undefined ? undefined : store.tables.sleds.find({ id: sledId, is_present: true });
  if (sledId !== undefined && sled === undefined) throw notFound("sled", "sled", sledId);
  if (sled !== undefined && !hasRoom(store, sled, instance)) throw invalid("sled", `"${sled.name}" has no room for it`);
  sled ??= placeInstance(store, instance, instance.sled_id ?? undefined);
  return change(store, instance, {
    sled_id: sled.id,
    incarnation: instance.kind === "vm" ? instance.incarnation : instance.incarnation + 1,
    run_state: "migrating",
  });
}

/** What of an instance can be changed while it is stopped. */
export type InstanceChange = Pick<InstanceRow, "ncpus" | "memory" | "auto_restart_policy" | "enable_jumbo_frames">;

/** @throws ApiError (400) for the size of an instance that is not stopped */
export function updateInstance(store: Store, instance: InstanceRow, wanted: InstanceChange): InstanceRow {
  if (wanted.ncpus !== instance.ncpus) requireStopped(instance, "ncpus");
  if (wanted.memory !== instance.memory) requireStopped(instance, "memory");
  if (wanted.enable_jumbo_frames && !instance.enable_jumbo_frames) requireJumboFrames(store);
  const changes = { ...wanted, time_modified: store.timeText() };
  store.tables.instances.update({ id: instance.id }, changes);
  return { ...instance, ...changes };
}

/** Its floating IPs and external subnets stay, detached. @throws ApiError (400) unless it is stopped */
export function deleteInstance(store: Store, instance: InstanceRow): void {
  requireStopped(instance, "instance");
  const { externalIps, externalSubnets, interfaces, instances } = store.tables;
  externalIps.update({ instance_id: instance.id, kind: "floating" }, { instance_id: null });
  externalIps.delete({ instance_id: instance.id });
  externalSubnets.update({ instance_id: instance.id }, { instance_id: null });
  interfaces.delete({ instance_id: instance.id });
  instances.delete({ id: instance.id });
}

function requireRunning({ name, run_state: state }: InstanceRow): void {
  if (state !== "running") throw invalid("instance", `"${name}" must be running for this; it is ${state}`);
}

function requireJumboFrames({ tables }: Store): void {
  const row = tables.settings.find({ key: "networking" });
  const settings = row?.value as { readonly external_jumbo_frames_opt_in_enabled?: boolean } | undefined;
  if (settings?.external_jumbo_frames_opt_in_enabled === true) return;
  throw invalid("enable_jumbo_frames", "jumbo frames are not enabled for the fleet");
}

function change(store: Store, instance: InstanceRow, changes: Partial<InstanceRow>): InstanceRow {
  const now = store.timeText();
  const all = {
    ...changes,
    time_modified: now,
    ...(changes.run_state === undefined ? {} : { time_run_state_updated: now }),
  };
  store.tables.instances.update({ id: instance.id }, all);
  return { ...instance, ...all };
}
