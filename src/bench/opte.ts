import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { modulePath } from "../host/index.ts";
import type { Benchmark } from "./benchmark.ts";
import { rounded } from "./statistics.ts";

const run = promisify(execFile);

interface TableFigures {
  readonly bytesPerFlow: number;
  readonly expireNoneMs: number;
  readonly expire1000Ms: number;
  readonly expireAllMs: number;
}

/** Most flows that a port holds. */
const mostFlows = 524_288;

/** How fast OPTE transforms packets of a guest, on one core. */
export const opte: Benchmark = {
  description:
    "OPTE on one core: reading a frame, known flows, new flows, 1024 firewall rules, and the tables with all flows they hold",
  run: async () => {
    const parseNs = await measure<number>("parse");
    const fast10 = await measure<number>("hit", 10, 0, 0);
    const fast500000 = await measure<number>("hit", 500_000, 0, 0);
    const fastManyRules = await measure<number>("hit", 10, 1024, 1000);
    const slowNs = await measure<number>("miss", 1024);
    const newFlowNs = await measure<number>("new", 300_000);
    const table = await measure<TableFigures>("table", mostFlows);
    return {
      parseNs: rounded(parseNs),
      fastPathNs: rounded(fast10),
      fastPathNs500000: rounded(fast500000),
      fastPathNsManyRules: rounded(fastManyRules),
      fastPathGrowth: rounded(fast500000 / fast10, 2),
      slowPathNs: rounded(slowNs),
      flowsPerSecond: Math.round(1e9 / newFlowNs),
      tableBytesPerFlow: Math.round(table.bytesPerFlow),
      expireNoneMs: rounded(table.expireNoneMs),
      expire1000Ms: rounded(table.expire1000Ms),
      expireAllMs: rounded(table.expireAllMs),
    };
  },
};

/** A figure of the main module next to this one, in a process of its own. */
async function measure<Figures>(mode: string, ...numbers: readonly number[]): Promise<Figures> {
  const main = modulePath(import.meta.url, "./opte-main");
  // The collector works as it does for opted in sleds (src/guest/node-command.ts).
  const node = ["--expose-gc", "--max-old-space-size=4096", "--single-threaded-gc"];
  const { stdout } = await run(process.execPath, [...node, main, mode, ...numbers.map(String)]);
  return JSON.parse(stdout) as Figures;
}
