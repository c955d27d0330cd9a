import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { SledPort, SledState } from "../../../../src/stack/opte/opted/sled-state.ts";
import { eventually } from "../../../testbed/host-processes.ts";
import { g1 as spec1, g2 as spec2, vni as specVni } from "../fixture.ts";
import { type Background, type Finished, Laboratory } from "./laboratory.ts";

/** Two sleds with two wires between them; a VPC with a guest on each, and another with the same addresses. */

export const vni = specVni;
export const otherVni = 2000;
export const sleds = { s1: spec1.sled, s2: spec2.sled } as const;
export type SledName = keyof typeof sleds;

/** A guest: where it lives, its port there, and what it is given. */
export interface LabGuest {
  readonly name: string;
  readonly sled: SledName;
  readonly port: string;
  readonly vni: number;
  readonly mac: string;
  readonly ip: string;
  readonly ip6: string;
  /** The sled's end of a pair that somebody else made; opted makes one where it is absent. */
  readonly link?: string;
}

const [one, two] = [spec1, spec2];
export const g1: LabGuest = { name: "g1", sled: "s1", port: "opte0", vni, mac: one.mac, ip: one.ip, ip6: one.ip6 };
export const g2: LabGuest = { name: "g2", sled: "s2", port: "opte0", vni, mac: two.mac, ip: two.ip, ip6: two.ip6 };
/** Of the other VPC, with the addresses of g1 and g2. */
export const h1: LabGuest = { ...g1, name: "h1", port: "opte1", vni: otherVni, mac: "a8:40:25:f0:01:05" };
export const h2: LabGuest = { ...g2, name: "h2", port: "opte1", vni: otherVni, mac: "a8:40:25:f0:01:06" };
/** On the sled of g1, in its VPC, behind an interface that opted did not make. */
export const g3: LabGuest = {
  ...g1,
  name: "g3",
  port: "opte2",
  mac: "a8:40:25:f0:00:07",
  ip: "172.30.0.7",
  ip6: "fd00::7",
  link: "v3",
};
export const guests = [g1, g2, h1, h2, g3] as const;

const dhcpScript = fileURLToPath(new URL("dhcp-script.sh", import.meta.url));
export const sniffer = fileURLToPath(new URL("sniff.ts", import.meta.url));

/** A guest's port: default routes of its VPC, and everything of the VPC let in. */
export function portOf(guest: LabGuest, namespace: string, firewall?: readonly string[]): SledPort {
  return {
    name: guest.port,
    attachment: guest.link === undefined ? { kind: "veth", namespace } : { kind: "link", link: guest.link },
    configuration: {
      guestMac: guest.mac,
      gatewayMac: "a8:40:25:ff:77:77",
      vni: guest.vni,
      underlayIp: sleds[guest.sled],
      ipv4: { subnet: "172.30.0.0/22", privateIp: guest.ip, gatewayIp: "172.30.0.1" },
      ipv6: { subnet: "fd00::/64", privateIp: guest.ip6, gatewayIp: "fd00::1" },
      dhcp: { hostname: guest.name, domain: "lab.test", dns4: ["192.0.2.53"], dns6: ["2001:db8::53"] },
    },
    routes: [
      { destination: "172.30.0.0/22", target: "sub4=172.30.0.0/22", class: "system" },
      { destination: "fd00::/64", target: "sub6=fd00::/64", class: "system" },
    ],
    firewall: [...(firewall ?? [`dir=in action=allow priority=65534 hosts=vni=${guest.vni}`])],
    gateways: {},
  };
}

/** What a sled is told: its guests, and where all of both VPCs live. */
export function stateOfSled(
  lab: Laboratory,
  sled: SledName,
  firewall: Readonly<Record<string, readonly string[]>> = {},
): SledState {
  return {
    underlay: ["u0", "u1"],
    ports: guests
      .filter((guest) => guest.sled === sled)
      .map((guest) => portOf(guest, lab.namespace(guest.name), firewall[guest.name])),
    v2p: guests.flatMap((guest) =>
      [guest.ip, guest.ip6].map((ip) => ({ vni: guest.vni, ip, mac: guest.mac, underlay: sleds[guest.sled] })),
    ),
    v2b: [],
    m2p: [],
    forwarding: [],
    subscriptions: [],
    peerings: [],
  };
}

/** The sleds with their wires and routes, the guests' namespaces, and both opteds told nothing yet. */
export async function twoSleds(): Promise<{ readonly lab: Laboratory; readonly opted: Record<SledName, Background> }> {
  const lab = new Laboratory();
  try {
    for (const [name, address] of Object.entries(sleds)) lab.sled(name, address);
    for (const link of ["u0", "u1"]) lab.wire("s1", link, "s2", link);
    for (const [from, to] of [
      ["s1", "s2"],
      ["s2", "s1"],
    ] as const) {
      lab.route(from, `${sleds[to]}/128`, ...["u0", "u1"].map((link) => ({ link, to, toLink: link })));
    }
    for (const { name, sled, link, port, mac } of guests) {
      lab.add(name);
      if (link === undefined) continue;
      lab.wire(sled, link, name, port, 1500);
      // Its kernel leaves checksums unfinished, and sends each segment by itself.
      lab.ip(name, "link", "set", port, "address", mac, "gso_max_segs", "1");
    }
    return { lab, opted: { s1: await lab.opted("s1"), s2: await lab.opted("s2") } };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** Set a guest's interface up and have it ask for its addresses; returns what the clients were told. */
export async function configure(lab: Laboratory, { name, port }: LabGuest): Promise<Finished> {
  lab.ip(name, "link", "set", port, "up");
  return await lab.attempt(
    name,
    ...["busybox", "udhcpc", "-i", port, "-n", "-q", "-f", "-t", "10", "-T", "2", "-s", dhcpScript],
  );
}

/** The same for IPv6, with dhclient, which goes on in the background once it has an address: it is ended, the address stays. */
export async function configure6(lab: Laboratory, { name, port }: LabGuest): Promise<Finished> {
  const pidFile = `${lab.directory}/${name}.pid`;
  const files = ["-lf", `${lab.directory}/${name}.leases`, "-pf", pidFile];
  const finished = await lab.attempt(name, "dhclient", "-6", "-1", ...files, "-sf", dhcpScript, port);
  if (finished.status === 0) await endProcess(Number(await readFile(pidFile, "utf8")));
  return finished;
}

async function endProcess(pid: number): Promise<void> {
  process.kill(pid, "SIGTERM");
  await eventually(
    () => !existsSync(`/proc/${pid}`),
    20_000,
    () => `process ${pid} has not ended`,
  );
}

/** Whether a guest's echo requests to an address are answered, one of them at least. */
export async function pings(lab: Laboratory, from: LabGuest, to: string, ...more: readonly string[]): Promise<boolean> {
  const { status } = await lab.attempt(from.name, "busybox", "ping", "-c", "3", "-W", "3", ...more, to);
  return status === 0;
}
