import type { LinkStatistics, LinkTraffic } from "../../../netdev/link-statistics.ts";
import type { MetricFamily, MetricLabels, MetricSample } from "../../daemon/open-metrics.ts";
import type { PortState, SledState } from "../../nexus/sled-interface/sled-state.ts";
import { ownerName } from "./opte-state.ts";

/** Counters by their names (docs/opted.md). */
export type Counters = Readonly<Record<string, number>>;

/** A port of OPTE as it is counted. */
export interface MeasuredPort {
  readonly state: PortState;
  /** As `GET /ports/{port}/counters` of opted has them; undefined while opted does not have the port. */
  readonly counters: { readonly port: Counters; readonly layers: Readonly<Record<string, Counters>> } | undefined;
  /** Of the sled's end of the guest's interface: what it received the guest has sent. */
  readonly link: LinkStatistics | undefined;
}

/** What is known of a sled at one moment. */
export interface MeasuredSled {
  readonly instances: SledState["instances"];
  readonly ports: readonly MeasuredPort[];
  /** Of opted as a whole: the reference's kstats of xde, and what is lost at the underlay. */
  readonly sled: Counters;
  /** The sled's ports to switches, by name. */
  readonly links: ReadonlyMap<string, LinkStatistics>;
}

/** Why OPTE drops a packet that it was to process: the counter's name behind `in_` or `out_`. */
const dropReasons = ["drop_handle_pkt", "drop_layer", "drop_tcp_err", "drop_bandwidth", "agent_drop"] as const;
const directions = ["in", "out"] as const;
const trafficKinds = ["bytes", "packets", "errors", "dropped"] as const;

/**
 * What a sled tells of its guests' traffic and of its links. OPTE's are those that the reference exports as `opte_port`
 * (specification of OPTE, section 4.3); bytes and packets are those of interfaces.
 */
export function sledMetrics({ instances, ports, sled, links }: MeasuredSled): readonly MetricFamily[] {
  const labelled = ports.map((port) => ({ ...port, labels: portLabels(port.state, instances) }));
  const counted = labelled.flatMap(({ labels, counters }) => (counters === undefined ? [] : [{ labels, ...counters }]));
  const guests = labelled.flatMap(({ labels, link }) =>
    link === undefined ? [] : [{ labels, traffic: { in: link.sent, out: link.received } }],
  );
  const physical = [...links].map(([link, { received, sent }]) => ({
    labels: { link },
    traffic: { in: received, out: sent },
  }));
  const byDirection = (counter: string): readonly MetricSample[] =>
    counted.flatMap(({ labels, port }) =>
      directions.map((direction) => ({
        labels: { ...labels, direction },
        value: port[`${direction}_${counter}`] ?? 0,
      })),
    );
  return [
    ...trafficFamilies("instance_network_interface", "a guest's interface, in is towards the guest", guests),
    ...trafficFamilies("physical_link", "a port of the sled to a switch, in is towards the sled", physical),
    counter(
      "opte_port_drops",
      "Packets that OPTE dropped at a port, and why.",
      counted.flatMap(({ labels, port }) =>
        directions.flatMap((direction) =>
          dropReasons.map((reason) => ({
            labels: { ...labels, direction, reason: reason.replace(/^drop_/, "") },
            value: port[`${direction}_${reason}`] ?? 0,
          })),
        ),
      ),
    ),
    counter(
      "opte_port_layer_denied",
      "Packets that a layer of a port denied.",
      counted.flatMap(({ labels, layers }) =>
        Object.entries(layers).flatMap(([layer, values]) =>
          directions.map((direction) => ({
            labels: { ...labels, layer, direction },
            value: values[`${direction}_deny`] ?? 0,
          })),
        ),
      ),
    ),
    counter(
      "opte_port_snat_exhausted",
      "Packets lost because all ports of the instance's block were taken.",
      counted.map(({ labels, port }) => ({ labels, value: port["snat_exhausted"] ?? 0 })),
    ),
    gauge("opte_port_snat_used", "Ports of the instance's blocks that are taken.", snatSamples(counted, "used")),
    gauge("opte_port_snat_ports", "Ports of the instance's blocks.", snatSamples(counted, "ports")),
    counter("opte_port_uft_hits", "Packets of flows that were known.", byDirection("uft_hit")),
    counter("opte_port_uft_misses", "Packets of flows that were not known.", byDirection("uft_miss")),
    gauge("opte_port_uft_flows", "Flows that are known.", byDirection("uft_flows")),
    gauge(
      "opte_port_tcp_flows",
      "TCP connections that are known.",
      counted.map(({ labels, port }) => ({ labels, value: port["tcp_flows"] ?? 0 })),
    ),
    counter(
      "opte_drops",
      "Packets that the sled dropped before or behind its ports, and why.",
      Object.entries(sled)
        .filter(([name]) => /drop|underlay_(no|queue|too)|undelivered/.test(name))
        .map(([reason, value]) => ({ labels: { reason }, value })),
    ),
  ];
}

function portLabels(port: PortState, instances: SledState["instances"]): MetricLabels {
  const { project, vpc, owner, name } = port;
  return { project, vpc, [owner.kind]: ownerName(port, instances), interface: name };
}

/** A gauge of the blocks of ports by family and protocol, where there are any. */
function snatSamples(
  counted: readonly { readonly labels: MetricLabels; readonly port: Counters }[],
  gauge: "used" | "ports",
): readonly MetricSample[] {
  return counted.flatMap(({ labels, port }) =>
    Object.entries(port).flatMap(([name, value]) => {
      const [, family, protocol, found] = /^snat_(ipv[46])_(tcp|udp|icmp)_(used|ports)$/.exec(name) ?? [];
      if (family === undefined || protocol === undefined || found !== gauge) return [];
      return [{ labels: { ...labels, family, protocol }, value }];
    }),
  );
}

/** One family for each kind of traffic. */
function trafficFamilies(
  name: string,
  what: string,
  measured: readonly { readonly labels: MetricLabels; readonly traffic: Readonly<Record<"in" | "out", LinkTraffic>> }[],
): readonly MetricFamily[] {
  return trafficKinds.map((kind) => ({
    ...counter(
      `${name}_${kind}`,
      `${kind} at ${what}.`,
      measured.flatMap(({ labels, traffic }) =>
        directions.map((direction) => ({ labels: { ...labels, direction }, value: traffic[direction][kind] })),
      ),
    ),
    ...(kind === "bytes" ? { unit: kind } : {}),
  }));
}

function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, type: "counter", help, samples };
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, type: "gauge", help, samples };
}
