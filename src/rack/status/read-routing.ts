import { type Guest, httpGet } from "../../guest/index.ts";
import { KestrelError } from "../../error/kestrel-error.ts";
import { daemonPorts } from "../daemon-ports.ts";
import type { RackNode } from "../fabric.ts";
import type { PathView, PeerView, RouteView } from "./rack-status.ts";

/** What a node says of its routing. */
export interface Routing {
  readonly peers: readonly PeerView[];
  readonly originated: readonly string[];
  readonly routes: readonly RouteView[];
  readonly paths: readonly PathView[] | null;
}

/** Milliseconds that a daemon may take to answer. */
const answerDeadlineMs = 10_000;
/** What ddmd's routes in the kernel are marked with (src/stack/ddm). */
const routeProtocol = 223;
/** Routes that dpd is asked for at a time. */
const pageSize = 1000;

interface PathVector {
  readonly destination: string;
  readonly path: readonly string[];
}

/**
 * Ask a node's daemons about its routing. Throws KestrelError when one of them does not answer.
 *
 * @param measures - whether it measures the delays of paths
 */
export async function readRouting(guest: Guest, { role }: RackNode, measures: boolean): Promise<Routing> {
  const ask = async <T>(daemon: "ddmd" | "dpd", path: string): Promise<T> => {
    const { status, body } = await httpGet(
      guest,
      { ...daemonPorts[daemon], path },
      AbortSignal.timeout(answerDeadlineMs),
    );
    if (status === 200) return JSON.parse(body) as T;
    throw new KestrelError({
      kind: "host",
      step: `ask ${daemon} for ${path}`,
      subject: guest.node,
      expected: "an answer with status 200",
      found: status === 0 ? "none" : `status ${status}`,
    });
  };
  const [peers, originated, prefixes, programmed, measured] = await Promise.all([
    ask<PeersAnswer>("ddmd", "/peers"),
    ask<readonly string[]>("ddmd", "/originated"),
    ask<Readonly<Record<string, readonly PathVector[]>>>("ddmd", "/prefixes"),
    role === "sled" ? kernelRoutes(guest) : switchRoutes((path) => ask<RoutePage>("dpd", path)),
    measures ? ask<readonly MeasuredDestination[] | null>("ddmd", "/multipath") : null,
  ]);
  return {
    peers: Object.values(peers).map(peerView),
    originated,
    routes: routesOf(shortestPaths(prefixes, new Set(originated)), programmed),
    paths: measured?.flatMap(pathViews) ?? null,
  };
}

/** ddmd's answer to `/peers`, by the index of the interface. */
export type PeersAnswer = Readonly<Record<string, PeerAnswer>>;

interface PeerAnswer {
  /** Name of the interface. */
  readonly interface: string;
  readonly addr: string;
  readonly host: string;
  readonly kind: number;
  readonly status: { readonly type: string };
}

/** A peer as ddmd tells of it. */
export function peerView({ addr, host, kind, status }: PeerAnswer): PeerView {
  return { host, address: addr, kind: kind === 1 ? "transit" : "server", status: status.type };
}

interface MeasuredDestination {
  readonly destination: string;
  readonly paths: readonly {
    readonly interface: string;
    readonly delay_us: number | null;
    readonly silent: boolean;
    readonly weight: number;
  }[];
}

function pathViews({ destination, paths }: MeasuredDestination): readonly PathView[] {
  const sum = paths.reduce((total, { weight }) => total + weight, 0);
  return paths.map(({ interface: name, delay_us, silent, weight }) => ({
    destination,
    interface: name,
    delayMs: delay_us === null ? null : delay_us / 1000,
    silent,
    share: weight / sum,
  }));
}

interface RoutePage {
  readonly items: readonly { readonly cidr: string; readonly targets: readonly { readonly tgt_ip: string }[] }[];
  readonly next_page: string | null;
}

type NextHops = ReadonlyMap<string, readonly string[]>;

/** Next hops of the shortest paths of each destination; only these forward. */
function shortestPaths(prefixes: Readonly<Record<string, readonly PathVector[]>>, own: ReadonlySet<string>): NextHops {
  const best = new Map<string, { length: number; hops: string[] }>();
  for (const [hop, vectors] of Object.entries(prefixes)) {
    for (const { destination, path } of vectors) {
      const known = best.get(destination);
      if (own.has(destination) || (known !== undefined && known.length < path.length)) continue;
      if (known?.length === path.length) known.hops.push(...(known.hops.includes(hop) ? [] : [hop]));
      else best.set(destination, { length: path.length, hops: [hop] });
    }
  }
  return new Map([...best].map(([destination, { hops }]) => [destination, hops.toSorted()]));
}

function routesOf(known: NextHops, programmed: NextHops): readonly RouteView[] {
  return [...new Set([...known.keys(), ...programmed.keys()])].toSorted().map((destination) => ({
    destination,
    known: known.get(destination) ?? [],
    programmed: programmed.get(destination) ?? [],
  }));
}

interface KernelRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly nexthops?: readonly { readonly gateway?: string }[];
}

async function kernelRoutes(guest: Guest): Promise<NextHops> {
  const { stdout } = await guest.exec(["ip", "-6", "-json", "route", "show", "proto", String(routeProtocol)]);
  const routes = JSON.parse(stdout === "" ? "[]" : stdout) as readonly KernelRoute[];
  return new Map(
    routes.map(({ dst, gateway, nexthops }) => [
      dst,
      [...new Set((nexthops ?? [{ gateway }]).flatMap((hop) => hop.gateway ?? []))].toSorted(),
    ]),
  );
}

async function switchRoutes(ask: (path: string) => Promise<RoutePage>): Promise<NextHops> {
  const routes = new Map<string, readonly string[]>();
  let token: string | null = null;
  do {
    const query: string =
      token === null ? `limit=${pageSize}` : `limit=${pageSize}&page_token=${encodeURIComponent(token)}`;
    const { items, next_page } = await ask(`/route/ipv6?${query}`);
    for (const { cidr, targets } of items) routes.set(cidr, targets.map(({ tgt_ip }) => tgt_ip).toSorted());
    token = next_page;
  } while (token !== null);
  return routes;
}
