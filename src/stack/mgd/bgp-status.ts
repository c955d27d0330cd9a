import { z } from "zod";
import type { SwitchReport } from "../nexus/sled-interface/switch-state.ts";
import type { FrrDaemon } from "./frr-daemon.ts";

type BgpPeer = SwitchReport["bgp_peers"][number];

const peer = z.object({
  remoteAs: z.int(),
  localAs: z.int(),
  state: z.string(),
  peerUptimeMsec: z.number().default(0),
});
const family = z.object({ peers: z.record(z.string(), peer).default({}) }).loose();
const summary = z.record(z.string(), z.union([family, z.unknown()]));
const advertised = z.object({ advertisedRoutes: z.record(z.string(), z.unknown()).default({}) }).loose();
const table = z
  .object({
    routes: z
      .record(
        z.string(),
        z.array(
          z
            .object({
              valid: z.boolean().default(false),
              peerId: z.string().default(""),
              nexthops: z.array(z.object({ ip: z.string().default("") }).loose()).default([]),
            })
            .loose(),
        ),
      )
      .default({}),
  })
  .loose();
const bfdPeers = z.array(z.object({ peer: z.string(), status: z.string() }).loose());

const states: Readonly<Record<string, BgpPeer["state"]>> = {
  Idle: "idle",
  Connect: "connect",
  Active: "active",
  OpenSent: "open_sent",
  OpenConfirm: "open_confirm",
  Established: "established",
};
const bfdStates: Readonly<Record<string, SwitchReport["bfd"][number]["state"]>> = {
  up: "up",
  init: "init",
  down: "down",
  shutdown: "admin_down",
};

/** The BGP sessions; none while bgpd is away or has no router. */
export async function bgpPeers(bgpd: FrrDaemon): Promise<BgpPeer[]> {
  const answer = summary.safeParse(await json(bgpd, "show bgp summary json"));
  const peers = new Map<string, BgpPeer>();
  for (const each of Object.values(answer.data ?? {})) {
    for (const [addr, { remoteAs, localAs, state, peerUptimeMsec }] of Object.entries(
      family.safeParse(each).data?.peers ?? {},
    )) {
      const found = { local_asn: localAs, remote_asn: remoteAs, state_duration_millis: Math.round(peerUptimeMsec) };
      peers.set(addr, { addr, peer_id: addr, ...found, state: states[state] ?? "idle" });
    }
  }
  return [...peers.values()];
}

/** What each peer in a session is told. */
export async function bgpExported(bgpd: FrrDaemon, peers: readonly BgpPeer[]): Promise<SwitchReport["bgp_exported"]> {
  const exported: SwitchReport["bgp_exported"] = [];
  for (const { addr, state } of peers) {
    if (state !== "established") continue;
    for (const version of ["ipv4", "ipv6"]) {
      const answer = await json(bgpd, `show bgp ${version} unicast neighbors ${addr} advertised-routes json`);
      const routes = Object.keys(advertised.safeParse(answer).data?.advertisedRoutes ?? {});
      exported.push(...routes.map((prefix) => ({ peer_id: addr, prefix })));
    }
  }
  return exported;
}

/** What peers told: every valid path. `id` numbers them. */
export async function bgpImported(bgpd: FrrDaemon, asn: number): Promise<SwitchReport["bgp_imported"]> {
  const imported: SwitchReport["bgp_imported"] = [];
  for (const version of ["ipv4", "ipv6"]) {
    const { routes } = table.safeParse(await json(bgpd, `show bgp ${version} unicast json`)).data ?? { routes: {} };
    for (const [prefix, paths] of Object.entries(routes)) {
      for (const { valid, peerId, nexthops } of paths) {
        if (!valid || peerId === "(unspec)" || peerId === "") continue;
        imported.push({ id: imported.length, asn, nexthop: nexthops[0]?.ip ?? peerId, prefix });
      }
    }
  }
  return imported;
}

/** The BFD sessions; none while bfdd is away. */
export async function bfdSessions(bfdd: FrrDaemon): Promise<SwitchReport["bfd"]> {
  const answer = bfdPeers.safeParse(await json(bfdd, "show bfd peers json"));
  return (answer.data ?? []).map(({ peer: remote, status }) => ({ peer: remote, state: bfdStates[status] ?? "down" }));
}

/** What a daemon answers as JSON; undefined when it is away, or has nothing to tell. */
async function json(daemon: FrrDaemon, command: string): Promise<unknown> {
  try {
    return JSON.parse(await daemon.show(command)) as unknown;
  } catch {
    return undefined;
  }
}
