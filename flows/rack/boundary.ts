import { afterAll, expect } from "vitest";
import { z } from "zod";
import { eventually, type FlowTestbed, type HopPattern, type PacketPattern, testbed } from "../../src/index.ts";
import { findInstance, type InstanceView, instanceCommand, type NexusClient } from "../../src/rack/index.ts";

/** The words of flows on topologies/boundary.yaml. */

/** Somebody of the internet, by both families. */
export const outside = "203.0.113.1";
export const outside6 = "2001:db8:113::1";
/** Of the rack's pool, and nobody's unless a test says so. */
export const unmapped = "198.51.100.50";
/** Where sleds send what leaves the rack. */
export const tunnelEndpoint = "fd00:1122:3344:1f0::1";
/** For what must come, in machines that are emulated and busy. */
export const within = 120_000;
/** The VNI of what leaves the rack. */
export const boundaryVni = 99;

/** As dpd has a MAC address: its bytes. */
const macValue = z
  .object({ a: z.array(z.int()) })
  .transform(({ a }) => a.map((byte) => byte.toString(16).padStart(2, "0")).join(":"));

const natEntry = z.object({
  low: z.int(),
  high: z.int(),
  target: z.object({ internal_ip: z.string(), inner_mac: macValue, vni: z.int() }),
});
/** A range of ports of an external address, as the switch has it. */
export type NatEntry = z.output<typeof natEntry>;

const selected = z.array(z.object({ prefix: z.string(), paths: z.array(z.object({ port: z.string() })) }));

/** An instance that runs, with what a flow asks of it. */
export interface RunningInstance extends InstanceView {
  readonly sled: string;
  /** Its sled's address of the underlay. */
  readonly underlay: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/**
 * One testbed of topologies/boundary.yaml for all flows of a file, which is launched for the first of them: what a flow has nexus
 * change it takes back. Routes of BGP are among what is compared when a testbed is shared otherwise, and they come and go.
 */
export function boundaryOfFile(): () => Promise<FlowTestbed> {
  let launched: Promise<FlowTestbed> | undefined;
  afterAll(async () => {
    await (await launched)?.[Symbol.asyncDispose]();
  });
  return async () => {
    const bed = await (launched ??= testbed("boundary", { fresh: true }));
    await bed.mark();
    return bed;
  };
}

/** A running instance of nexus that has its address. */
export async function runningInstance(bed: FlowTestbed, nexus: NexusClient, name: string): Promise<RunningInstance> {
  const found = await findInstance(nexus, name);
  const { id, sled } = found;
  const [ipv4, ipv6] = found.addresses;
  if (sled === null || ipv4 === undefined || ipv6 === undefined) throw new Error(`${name} is at no sled`);
  const has = "ip route show default | grep -q net0 && ip -6 route show default | grep -q net0";
  await bed.node(sled).until(instanceCommand(id, has), { within });
  return { ...found, sled, ipv4, ipv6, underlay: `fd00:1122:3344:10${sled.slice(1)}::1` };
}

/** One ping from an instance. */
export function pingFrom({ id }: RunningInstance, address: string): readonly string[] {
  return instanceCommand(id, ["ping", "-c", "1", "-W", "20", address]);
}

/** One ping of the internet's host to an address of the rack, from the address that the rack knows it by. */
export function pingTo(address: string, waitSeconds = 20): readonly string[] {
  const from = address.includes(":") ? outside6 : outside;
  return ["ping", "-c", "1", "-W", String(waitSeconds), "-I", from, address];
}

/** The ranges of ports of an external address that lead to somebody, as the switch has them; waits until there is one. */
export function natEntries(bed: FlowTestbed, address: string): Promise<readonly NatEntry[]> {
  const place = { address: "::1", port: 12_224, path: `/nat/ipv${address.includes(":") ? 6 : 4}/${address}` };
  return eventually(
    async () => {
      const { body } = await bed.node("t1").httpGet(place);
      const { items } = z.object({ items: z.array(natEntry) }).parse(JSON.parse(body));
      expect(items).not.toEqual([]);
      return items;
    },
    { what: `the switch knows whose ${address} is`, within, every: 250 },
  );
}

/** Wait until the switch reaches the internet by exactly these uplinks, and both sleds know whether it does. */
export async function reachedBy(bed: FlowTestbed, ports: readonly string[]): Promise<void> {
  const place = { address: "::1", port: 4676, path: "/rib/status/selected" };
  await eventually(
    async () => {
      const routes = selected.parse(JSON.parse((await bed.node("t1").httpGet(place)).body));
      const paths = routes.find(({ prefix }) => prefix === "203.0.113.0/24")?.paths ?? [];
      expect(paths.map(({ port }) => port)).toEqual(ports);
    },
    { what: `t1 reaches the internet by ${ports.join(", ") || "nothing"}`, within, every: 250 },
  );
  const origins = z.array(z.object({ origin: z.object({ overlay_prefix: z.string() }) }));
  for (const sled of ["s1", "s2"]) {
    await eventually(
      async () => {
        const { body } = await bed.node(sled).httpGet({ address: "::1", port: 8000, path: "/tunnel_endpoints" });
        const prefixes = origins.parse(JSON.parse(body)).map(({ origin }) => origin.overlay_prefix);
        expect(prefixes.includes("203.0.113.0/24")).toBe(ports.length > 0);
      },
      { what: `${sled} knows whether there is a way to the internet`, within, every: 250 },
    );
  }
}

/** An echo message between these, of their family. */
export function echo(src: string, dst: string, message: "echo-request" | "echo-reply") {
  return src.includes(":")
    ? ({ ipv6: { src, dst }, icmpv6: { message } } as const)
    : ({ ipv4: { src, dst }, icmp: { message } } as const);
}

/** Where an echo request of an instance to the outside is seen: in a tunnel to the switch, and bare on all wires after it. */
export function wayOut(
  { sled, underlay }: RunningInstance,
  source: string,
  router: string | RegExp,
): readonly HopPattern[] {
  const packet = echo(source, source.includes(":") ? outside6 : outside, "echo-request");
  const tunnel = { ipv6: { src: underlay, dst: tunnelEndpoint }, geneve: { vni: boundaryVni } };
  return [
    { leaves: `${sled}:net0`, enters: "t1", ...tunnel, inner: packet },
    { leaves: "t1", enters: router, geneve: false, ...packet },
    { leaves: router, enters: "internet", ...packet },
  ];
}

/** Where what the outside sends to an address of an instance is seen: bare as far as the switch, and in a tunnel to the sled. */
export function wayIn(
  { sled, underlay }: RunningInstance,
  vni: number,
  packet: NonNullable<PacketPattern["inner"]>,
): readonly HopPattern[] {
  const geneve = { vni, options: [{ option: "external" }] } as const;
  return [
    { leaves: "internet", enters: /^c[12]$/, ...packet },
    { leaves: /^c[12]$/, enters: "t1", geneve: false, ...packet },
    { leaves: "t1", enters: `${sled}:net0`, ipv6: { src: "::", dst: underlay }, geneve, inner: packet },
  ];
}
