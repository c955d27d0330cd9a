import { KestrelError } from "../../error/kestrel-error.ts";
import { findInstance, listInstances, NexusClient, settledInstance, sledIdOf } from "../../rack/index.ts";
import { wholeNumber } from "../option-values.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";
import { table } from "../table.ts";

/** Options of `kestrel rack instance …`. */
export interface RackInstanceOptions extends TestbedOption, JsonOption {}

/** Options of `kestrel rack instance ls`. */
export interface ListInstancesOptions extends RackInstanceOptions {
  readonly project?: string;
}

/** Options of `kestrel rack instance create`. */
export interface CreateInstanceOptions extends RackInstanceOptions {
  readonly project: string;
  readonly kind: "light" | "vm";
  readonly cpus: string;
  readonly memory: string;
  readonly stopped?: boolean;
}

/** Milliseconds for an instance to start or stop on machines that are emulated and busy. */
const settlingMs = 120_000;
const bytesPerMiB = 1024 * 1024;

/** Create an instance; unless it shall be stopped it runs when this resolves. */
export async function createInstance(session: Session, name: string, options: CreateInstanceOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const nexus = await NexusClient.of(testbed);
  const { project, stopped = false } = options;
  const body = {
    ...{ name, description: "", hostname: name, start: !stopped, kind: options.kind },
    ncpus: wholeNumber(options.cpus, "--cpus", 1),
    memory: wholeNumber(options.memory, "--memory", 1) * bytesPerMiB,
  };
  await nexus.send("POST", "/v1/instances", { project }, body);
  const { id } = await findInstance(nexus, `${project}/${name}`);
  await settle(nexus, name, id, stopped ? "stopped" : "running");
  await print(session, nexus, id, options);
}

/** List instances: where they are and which addresses they have. */
export async function showInstances(session: Session, options: ListInstancesOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const instances = await listInstances(await NexusClient.of(testbed), options.project);
  const { terminal } = session;
  if (options.json === true) {
    terminal.printJson({ instances });
    return;
  }
  const rows = instances.map(({ project, name, state, sled, addresses }) => [
    ...[project, terminal.colors.bold(name), state, sled ?? "-", addresses.join(" ")],
  ]);
  terminal.print(table(rows, ["PROJECT", "NAME", "STATE", "SLED", "ADDRESSES"], terminal.colors));
}

/** Start or stop an instance; resolves when it runs, or has stopped. */
export async function runInstance(
  session: Session,
  name: string,
  verb: "start" | "stop",
  options: RackInstanceOptions,
): Promise<void> {
  using testbed = await session.testbed(options);
  const nexus = await NexusClient.of(testbed);
  const { id } = await findInstance(nexus, name);
  await nexus.send("POST", `/v1/instances/${id}/${verb}`, {});
  await settle(nexus, name, id, verb === "start" ? "running" : "stopped");
  await print(session, nexus, id, options);
}

/** Options of `kestrel rack instance move`. */
export interface MoveInstanceOptions extends RackInstanceOptions {
  readonly to?: string;
}

/** Have a running instance go on at another sled; it runs there when this resolves. */
export async function moveInstance(session: Session, name: string, options: MoveInstanceOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const nexus = await NexusClient.of(testbed);
  const { id } = await findInstance(nexus, name);
  const body = options.to === undefined ? {} : { sled: await sledIdOf(nexus, options.to) };
  await nexus.send("POST", `/v1/instances/${id}/move`, {}, body);
  await settle(nexus, name, id, "running");
  await print(session, nexus, id, options);
}

/** Delete an instance, which is stopped first. */
export async function deleteInstance(session: Session, name: string, options: RackInstanceOptions): Promise<void> {
  using testbed = await session.testbed(options);
  const nexus = await NexusClient.of(testbed);
  const { id, state } = await findInstance(nexus, name);
  if (state !== "stopped") {
    await nexus.send("POST", `/v1/instances/${id}/stop`, {});
    await settle(nexus, name, id, "stopped");
  }
  await nexus.send("DELETE", `/v1/instances/${id}`, {});
  if (options.json === true) session.terminal.printJson({});
}

async function settle(nexus: NexusClient, name: string, id: string, wanted: string): Promise<void> {
  const found = await settledInstance(nexus, id, settlingMs);
  if (found === wanted) return;
  const hint = "kestrel logs SLED sled-agent";
  throw new KestrelError({ kind: "host", step: "wait for the instance", subject: name, expected: wanted, found, hint });
}

async function print(session: Session, nexus: NexusClient, id: string, { json }: JsonOption): Promise<void> {
  const view = await findInstance(nexus, id);
  const { terminal } = session;
  if (json === true) terminal.printJson(view);
  else if (view.sled === null) terminal.print(`${view.name} is ${view.state}`);
  else terminal.print(`${view.name} is ${view.state} on ${view.sled}: ${view.addresses.join(" ")}`);
}
