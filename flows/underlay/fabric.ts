import { expect } from "vitest";
import { eventually, type FaultSchedule, type FlowTestbed, type NodeStream, rackStatus } from "../../src/index.ts";

/** How long a fabric may take under emulation until everything is known and programmed everywhere again, milliseconds. */
const convergenceMs = 120_000;
/** Source ports of a stream count up from here. */
const srcPort = 4000;
const flows = 8;
const rate = 10;

/** Wait until every peering is seen from both its ends, and every route that is known is programmed, and no other. */
export async function converged(bed: FlowTestbed): Promise<void> {
  const what = "the fabric has converged";
  await eventually(
    async () => {
      expect((await rackStatus(bed.testbed)).asymmetries).toEqual([]);
    },
    {
      what,
      within: convergenceMs,
      every: 500,
    },
  );
}

/** What flows between two nodes lost, both ways, while something was broken and until it was healed. */
export interface Losses {
  /** Packets lost by flows that took a wire which was broken, and for how long at a time, milliseconds. */
  readonly touched: { readonly flows: number; readonly packets: number; readonly longestMs: number };
  /** Packets lost by all others. */
  readonly untouched: { readonly flows: number; readonly packets: number };
}

/**
 * Have two nodes send to each other in several flows each way; break something, give the fabric time to find its way around
 * it, heal it, and wait until all is as before.
 *
 * @param brokenWires - wires whose flows are touched
 * @param forMs - how long it stays broken
 */
export async function lossesWhile(
  bed: FlowTestbed,
  pair: readonly [Endpoint, Endpoint],
  { fault, brokenWires, forMs }: Breakage,
): Promise<Losses> {
  await converged(bed);
  const since = await bed.mark();
  const [a, b] = pair;
  await using forth = await bed.nodeStream(a.node, b.node, { destination: b.address, flows, rate, srcPort });
  await using back = await bed.nodeStream(b.node, a.node, { destination: a.address, flows, rate, srcPort });
  const streams = [forth, back];
  await using connection = await longConnection(bed, a, b);
  await sentBy(streams, flows * rate);
  const touched = await flowsOver(bed, brokenWires, since, pair);
  await bed.whileBroken(fault, () => sentBy(streams, (flows * rate * forMs) / 1000));
  await converged(bed);
  await sentBy(streams, flows * rate);
  await connection.finish();
  await Promise.all(streams.map((stream) => stream.stop()));
  return lossesOf(streams, touched);
}

/** Losses as a person reads them. */
export function losses({ touched, untouched }: Losses): string {
  const hit = `${touched.flows} flows on what broke lost ${touched.packets} packets, for ${touched.longestMs} ms at most`;
  return `${hit}; the other ${untouched.flows} lost ${untouched.packets}`;
}

/** Prints how many connections of TCP that were there were reset (RFC 4022: tcpEstabResets), of the network namespace it runs in. */
export const resetsCommand =
  "awk '/^Tcp:/ { for (i = 1; i <= NF; i++) if (!named) name[i] = $i; else if (name[i] ~ /EstabResets/) print name[i], $i; named = 1 }' /proc/net/snmp";

/** The resets of a node's TCP. */
export async function tcpResets(bed: FlowTestbed, node: string): Promise<string> {
  return bed.node(node).ask(resetsCommand);
}

/** A node that sends and receives, by its underlay address. */
export interface Endpoint {
  readonly node: string;
  readonly address: string;
}

/** What is broken, and for how long. */
export interface Breakage {
  readonly fault: FaultSchedule;
  readonly brokenWires: readonly string[];
  readonly forMs: number;
}

interface LongConnection extends AsyncDisposable {
  /** Wait until what is written to it now has come back, and close it. */
  readonly finish: () => Promise<void>;
}

/** A TCP connection to an echo server on the other node, which has to live through whatever happens. */
async function longConnection(bed: FlowTestbed, client: Endpoint, server: Endpoint): Promise<LongConnection> {
  const port = 7007;
  const serving = (await bed.node(server.node).guest()).spawn(`socat TCP6-LISTEN:${port},reuseaddr EXEC:cat`);
  await bed.node(server.node).until(`ss -6 -ltn | grep -q :${port}`);
  const talking = (await bed.node(client.node).guest()).spawn(`socat - TCP6:[${server.address}]:${port}`, {
    stdin: true,
  });
  const ended = Promise.all([talking.result, serving.result]);
  let heard = "";
  talking.stdout.on("data", (bytes: Buffer) => (heard += bytes.toString()));
  const echoes = async (words: string): Promise<void> => {
    talking.stdin.write(`${words}\n`);
    const what = `${client.node} has "${words}" back over TCP`;
    await eventually(() => heard.endsWith(`${words}\n`), { what, within: 60_000 });
  };
  await echoes("before");
  return {
    finish: async () => {
      await echoes("after");
      talking.stdin.end();
      await ended;
    },
    [Symbol.asyncDispose]: async () => {
      for (const end of [talking, serving]) end.kill("SIGTERM");
      await ended;
    },
  };
}

/** Wait until each stream has sent so many packets more: time as traffic counts it. */
async function sentBy(streams: readonly NodeStream[], packets: number): Promise<void> {
  const enough = streams.map((stream) => ({ stream, sent: stream.report().sent + packets }));
  await eventually(() => enough.every(({ stream, sent }) => stream.report().sent >= sent), {
    what: `${packets} packets more are sent`,
    within: 120_000,
  });
}

/** The flows of each stream that were seen on one of these wires. */
async function flowsOver(
  bed: FlowTestbed,
  wires: readonly string[],
  since: number,
  pair: readonly [Endpoint, Endpoint],
): Promise<readonly ReadonlySet<number>[]> {
  const seen = (await Promise.all(wires.map((wire) => bed.wire(wire).frames(since)))).flat();
  return pair.map(({ address }) => {
    const ports = seen.flatMap(({ packet }) => {
      const ipv6 = packet.layers.find((layer) => layer.layer === "ipv6");
      const udp = packet.layers.find((layer) => layer.layer === "udp");
      return ipv6?.src === address && udp?.dstPort === 9 ? [udp.srcPort - srcPort] : [];
    });
    return new Set(ports);
  });
}

function lossesOf(streams: readonly NodeStream[], touched: readonly ReadonlySet<number>[]): Losses {
  const reports = streams.flatMap((stream, direction) =>
    Array.from({ length: flows }, (_, flow) => ({
      report: stream.report(flow),
      touched: touched[direction]?.has(flow) === true,
    })),
  );
  const hit = reports.filter((each) => each.touched).map(({ report }) => report);
  const spared = reports.filter((each) => !each.touched).map(({ report }) => report);
  const packets = (list: typeof hit): number => list.reduce((total, { lost }) => total + lost, 0);
  return {
    touched: {
      flows: hit.length,
      packets: packets(hit),
      longestMs: Math.round(Math.max(0, ...hit.map(({ longestOutage }) => longestOutage?.forMs ?? 0))),
    },
    untouched: { flows: spared.length, packets: packets(spared) },
  };
}
