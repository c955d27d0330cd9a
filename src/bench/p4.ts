import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { modulePath } from "../host/index.ts";
import type { Benchmark } from "./benchmark.ts";
import type { RouterMatch } from "./lpm-router.ts";
import { rounded } from "./statistics.ts";

const run = promisify(execFile);

interface RouterFigures {
  /** Processor time. */
  readonly nsPerPacket: number;
  readonly compileMs: number;
}

interface SocketFigures {
  readonly packetsPerSecond: number;
  /** Processor time of the switch, its kernel's part included. */
  readonly nsPerPacket: number;
}

/** How fast the P4 switch forwards: in one process, with tables of different sizes, and between network interfaces. */
export const p4: Benchmark = {
  description:
    "the P4 switch as an IPv4 router: in process, with large tables, between packet sockets on veth pairs; compiling the rack's program",
  run: async () => {
    const onePrefix = await measureRouter("lpm", 1);
    const manyPrefixes = await measureRouter("lpm", 100_000);
    const oneTernary = await measureRouter("ternary", 1);
    const manyTernary = await measureRouter("ternary", 10_000);
    const oneRange = await measureRouter("range", 1);
    const manyRanges = await measureRouter("range", 10_000);
    const sockets = await measureSockets();
    const rackCompileMs = await measureRackCompilation();
    return {
      inProcessPps: Math.round(1e9 / onePrefix.nsPerPacket),
      socketPps: Math.round(sockets.packetsPerSecond),
      socketCpuPps: Math.round(1e9 / sockets.nsPerPacket),
      loadMs: rounded(onePrefix.compileMs),
      compileMs: rounded(rackCompileMs),
      rackCompileMs: rounded(rackCompileMs),
      nsLpm1: rounded(onePrefix.nsPerPacket),
      nsLpm100000: rounded(manyPrefixes.nsPerPacket),
      lpmGrowth: rounded(manyPrefixes.nsPerPacket / onePrefix.nsPerPacket, 2),
      nsTernary1: rounded(oneTernary.nsPerPacket),
      nsTernary10000: rounded(manyTernary.nsPerPacket),
      ternaryGrowth: rounded(manyTernary.nsPerPacket / oneTernary.nsPerPacket, 2),
      nsRange1: rounded(oneRange.nsPerPacket),
      nsRange10000: rounded(manyRanges.nsPerPacket),
      rangeGrowth: rounded(manyRanges.nsPerPacket / oneRange.nsPerPacket, 2),
    };
  },
};

/** Processor time per packet in process, with `entries` in the router's table. */
async function measureRouter(match: RouterMatch, entries: number): Promise<RouterFigures> {
  const { stdout } = await run(process.execPath, [
    modulePath(import.meta.url, "./p4-router-main"),
    match,
    String(entries),
  ]);
  return JSON.parse(stdout) as RouterFigures;
}

/** Milliseconds of processor time to compile the rack's switch program: the best of a few processes. */
async function measureRackCompilation(): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const { stdout } = await run(process.execPath, [modulePath(import.meta.url, "./p4-rack-main")]);
    best = Math.min(best, (JSON.parse(stdout) as { compileMs: number }).compileMs);
  }
  return best;
}

/** Between packet sockets on two veth pairs, in a namespace of their own. */
async function measureSockets(): Promise<SocketFigures> {
  const script = `set -e
ip link add a0 type veth peer name a1
ip link add b0 type veth peer name b1
for name in a0 a1 b0 b1; do ip link set "$name" up; done
exec "$0" "$1"`;
  const namespace = ["--user", "--map-root-user", "--net"];
  const { stdout } = await run("unshare", [
    ...namespace,
    "sh",
    "-c",
    script,
    process.execPath,
    modulePath(import.meta.url, "./p4-veth-main"),
  ]);
  return JSON.parse(stdout) as SocketFigures;
}
