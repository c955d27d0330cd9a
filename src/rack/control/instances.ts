import { z } from "zod";
import { KestrelError } from "../../error/kestrel-error.ts";
import { nearestName } from "../../error/nearest-name.ts";
import type { NexusClient } from "./nexus-client.ts";

const named = z.object({ id: z.string(), name: z.string() });
const instanceItem = named.extend({ run_state: z.string(), ncpus: z.int(), memory: z.int() });
const sledInstance = z.object({ id: z.string() });
const sledItem = z.object({ id: z.string(), baseboard: z.object({ serial: z.string() }) });
const stack = z.object({ ip: z.string() });
const nicItem = z.object({
  ip_stack: z.discriminatedUnion("type", [
    z.object({ type: z.literal("v4"), value: stack }),
    z.object({ type: z.literal("v6"), value: stack }),
    z.object({ type: z.literal("dual_stack"), value: z.object({ v4: stack, v6: stack }) }),
  ]),
});

/** An instance, and where it is. */
export interface InstanceView {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  /** `running`, `stopped`, `starting`, … */
  readonly state: string;
  /** The node of its sled; null while it is at none. */
  readonly sled: string | null;
  /** Of all its NICs, the primary's first. */
  readonly addresses: readonly string[];
}

/** The names of all projects. */
export async function projectNames(nexus: NexusClient): Promise<readonly string[]> {
  return (await nexus.list("/v1/projects", {}, named)).map(({ name }) => name);
}

/** All instances, or those of a project. */
export async function listInstances(nexus: NexusClient, project?: string): Promise<readonly InstanceView[]> {
  const sleds = await sledsOfInstances(nexus);
  const views: InstanceView[] = [];
  for (const each of project === undefined ? await projectNames(nexus) : [project]) {
    for (const { id, name, run_state: state } of await nexus.list("/v1/instances", { project: each }, instanceItem)) {
      const nics = await nexus.list("/v1/network-interfaces", { instance: id }, nicItem);
      const addresses = nics.flatMap(({ ip_stack: own }) =>
        own.type === "dual_stack" ? [own.value.v4.ip, own.value.v6.ip] : [own.value.ip],
      );
      views.push({ id, name, project: each, state, sled: sleds.get(id) ?? null, addresses });
    }
  }
  return views;
}

/** The node of each instance's sled, by the instance's identifier. */
async function sledsOfInstances(nexus: NexusClient): Promise<ReadonlyMap<string, string>> {
  const base = "/v1/system/hardware/sleds";
  const places = new Map<string, string>();
  for (const { id: sled, baseboard } of await nexus.list(base, {}, sledItem)) {
    for (const { id } of await nexus.list(`${base}/${sled}/instances`, {}, sledInstance)) {
      places.set(id, baseboard.serial);
    }
  }
  return places;
}

/** What nexus calls the sled that is this node. @throws KestrelError (input) when no sled is */
export async function sledIdOf(nexus: NexusClient, node: string): Promise<string> {
  const sleds = await nexus.list("/v1/system/hardware/sleds", {}, sledItem);
  const found = sleds.find(({ baseboard }) => baseboard.serial === node);
  if (found !== undefined) return found.id;
  const names = sleds.map(({ baseboard }) => baseboard.serial);
  const nearest = nearestName(node, names);
  throw new KestrelError({
    kind: "input",
    step: "find the sled",
    subject: node,
    expected: names.join(", "),
    found: "no sled of this name",
    ...(nearest === undefined ? {} : { hint: `did you mean ${nearest}?` }),
  });
}

/**
 * The instance that a person means by `NAME`, `PROJECT/NAME` or an identifier.
 *
 * @throws KestrelError (input) when there is none, or several
 */
export async function findInstance(nexus: NexusClient, text: string): Promise<InstanceView> {
  const all = await listInstances(nexus);
  const found = all.filter(({ id, name, project }) => text === id || text === name || text === `${project}/${name}`);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const nearest = nearestName(
    text,
    all.map(({ name }) => name),
  );
  throw new KestrelError({
    kind: "input",
    step: "find the instance",
    subject: text,
    expected: "the name of one instance, or PROJECT/NAME",
    found: only === undefined ? "none" : found.map(({ name, project }) => `${project}/${name}`).join(", "),
    hint: nearest === undefined ? "kestrel rack instance ls" : `did you mean ${nearest}?`,
  });
}

const onTheWay = new Set(["creating", "starting", "stopping", "rebooting", "migrating", "repairing"]);

/**
 * Wait until an instance is on its way no more; its state then.
 *
 * @throws KestrelError (input) when it is not in time
 */
export async function settledInstance(nexus: NexusClient, id: string, withinMs: number): Promise<string> {
  const place = { path: `/v1/instances/${id}`, query: {}, withinMs };
  const { run_state: state } = await nexus.waitFor(place, instanceItem, (item) => !onTheWay.has(item.run_state));
  return state;
}
