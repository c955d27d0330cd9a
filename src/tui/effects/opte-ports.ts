import { optedSocket } from "../../rack/index.ts";
import { quoteWord } from "../../guest/index.ts";
import type { DropReason, OptePort, OpteSide } from "../model/node.ts";

/** What opted answered so far, by the path that it was asked for. */
export type OptedAnswers = ReadonlyMap<string, unknown>;

type Counters = Readonly<Record<string, number>>;

interface Port {
  readonly name: string;
  readonly vni: number;
  readonly state: string;
  readonly ipv4: { readonly address: string } | null;
  readonly ipv6: { readonly address: string } | null;
}

interface PortCounters {
  readonly port: Counters;
  readonly layers: Readonly<Record<string, Counters>>;
}

interface LayerSide {
  readonly rules: readonly {
    readonly id: number;
    readonly hits: number;
    readonly predicates: readonly string[];
    readonly action: string;
  }[];
  readonly defaultAction: string;
  readonly defaultHits: number;
}

const directions = ["in", "out"] as const;
type Direction = (typeof directions)[number];
type Layer = Readonly<Record<Direction, LayerSide>>;

/** Counters of drops that no rule of a layer is the reason of, by the names of the port's kstat, and what they mean. */
const otherReasons: Readonly<Record<string, string>> = {
  drop_tcp_err: "TCP: not of the connection's state",
  drop_bandwidth: "over the bandwidth cap",
  agent_drop: "the agent's queue is full",
  process_err: "cannot be processed",
};

const portsPath = "/ports";
const countersPath = (port: string): string => `/ports/${encodeURIComponent(port)}/counters`;
const layerPath = (port: string, layer: string): string =>
  `/ports/${encodeURIComponent(port)}/layers/${encodeURIComponent(layer)}`;

/** The command that asks opted, where it is, for a path. Not opteadm, which would take seconds to start in an emulated machine. */
export function optedQuestion(path: string): string {
  const request = `printf 'GET %s HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' ${quoteWord(path)}`;
  // Without -t, socat waits for half a second only once its own input has ended.
  return `test -S ${optedSocket} && ${request} | socat -t 4 - UNIX-CONNECT:${optedSocket} | sed '1,/^.$/d'`;
}

/**
 * The paths of opted's API that tell of all hits and drops, as far as the answers so far say which they are: the ports, the
 * counters of each, and of layers that deny something their rules.
 */
export function wantedPaths(answers: OptedAnswers): readonly string[] {
  return [
    portsPath,
    ...portsOf(answers).flatMap(({ name }) => [
      countersPath(name),
      ...Object.entries(countersOf(answers, name)?.layers ?? {})
        .filter(([, counters]) => directions.some((direction) => (counters[`${direction}_deny`] ?? 0) > 0))
        .map(([layer]) => layerPath(name, layer)),
    ]),
  ];
}

/** The OPTE ports of a sled with their hits, and their drops by reason; undefined where there is no opted. */
export function optePorts(answers: OptedAnswers): readonly OptePort[] | undefined {
  if (!Array.isArray(answers.get(portsPath))) return undefined;
  return portsOf(answers).map(({ name, vni, state, ipv4, ipv6 }) => {
    const counters = countersOf(answers, name);
    const side = (direction: Direction): OpteSide | undefined =>
      counters === undefined ? undefined : sideOf(answers, name, counters, direction);
    return {
      name,
      state,
      vni,
      addresses: [ipv4?.address, ipv6?.address].filter((address) => address !== undefined),
      in: side("in"),
      out: side("out"),
    };
  });
}

function portsOf(answers: OptedAnswers): readonly Port[] {
  const ports = answers.get(portsPath);
  return Array.isArray(ports) ? (ports as readonly Port[]) : [];
}

function countersOf(answers: OptedAnswers, port: string): PortCounters | undefined {
  const counters = answers.get(countersPath(port));
  return typeof counters === "object" && counters !== null && "layers" in counters
    ? (counters as PortCounters)
    : undefined;
}

function sideOf(answers: OptedAnswers, port: string, counters: PortCounters, direction: Direction): OpteSide {
  const own = (name: string): number => counters.port[`${direction}_${name}`] ?? 0;
  const denied = Object.entries(counters.layers).flatMap(([layer, counted]) => {
    const dump = answers.get(layerPath(port, layer)) as Layer | undefined;
    return denials(layer, counted[`${direction}_deny`] ?? 0, dump?.[direction]);
  });
  const others = Object.entries(otherReasons).map(([name, text]) => ({ count: own(name), text }));
  // What no layer denied was too long for any of them.
  const byLayers = Object.values(counters.layers).reduce((sum, each) => sum + (each[`${direction}_deny`] ?? 0), 0);
  const tooLong = { count: own("drop_handle_pkt") + own("drop_layer") - byLayers, text: "longer than the MTU" };
  return {
    hits: own("uft_hit"),
    misses: own("uft_miss"),
    dropped: own("drop") + own("process_err"),
    reasons: [...denied, ...others, tooLong]
      .filter(({ count }) => count > 0)
      .toSorted((one, other) => other.count - one.count),
  };
}

/** Whom a layer's denials in one direction are owed to: its rules, its default, or what an action found. */
function denials(layer: string, denied: number, side: LayerSide | undefined): readonly DropReason[] {
  if (denied === 0) return [];
  const rules = (side?.rules ?? [])
    .filter(({ action }) => action === "Deny")
    .map(({ id, hits, predicates }) => ({ count: hits, text: `${layer} rule ${id}: ${predicates.join(" ")}` }));
  const byDefault =
    side?.defaultAction === "deny" ? [{ count: side.defaultHits, text: `${layer}: denied by default` }] : [];
  const told = [...rules, ...byDefault];
  const rest = denied - told.reduce((sum, { count }) => sum + count, 0);
  return [...told, { count: rest, text: `${layer}: denied by an action, or by a rule that is gone` }];
}
