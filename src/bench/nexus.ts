import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { modulePath } from "../host/index.ts";
import type { Benchmark } from "./benchmark.ts";
import { rounded } from "./statistics.ts";

const run = promisify(execFile);

interface RackFigures {
  readonly times: readonly number[];
  readonly touched: number;
  readonly affected: number;
}

/** How fast the control plane reads, and how little one change concerns. */
export const nexus: Benchmark = {
  description:
    "nexus: reads over HTTP a second; a rack of 32 sleds and 1024 instances, whom one change concerns and how fast that is known",
  run: () => nexusFigures(),
};

/** How fast nexus reads, and what one change costs in a simulated rack. */
export interface NexusFigures {
  readonly readsPerSecond: number;
  readonly reconcileMs: number;
  readonly longestReconcileMs: number;
  readonly touchedSleds: number;
  readonly affectedSleds: number;
}

/** Measured on this machine, without a rack. */
export async function nexusFigures(): Promise<NexusFigures> {
  const readsPerSecond = await measure<number>("reads", 20_000, 8);
  const { times, touched, affected } = await measure<RackFigures>("rack", 32, 1024);
  const sorted = times.toSorted((one, other) => one - other);
  return {
    readsPerSecond: Math.round(readsPerSecond),
    reconcileMs: rounded(sorted[Math.floor(sorted.length / 2)] ?? 0),
    longestReconcileMs: rounded(sorted.at(-1) ?? 0),
    // Means of ten changes, each of one project's firewall.
    touchedSleds: touched / times.length,
    affectedSleds: affected / times.length,
  };
}

/** A figure of the main module next to this one, in a process of its own. */
async function measure<Figures>(mode: string, ...numbers: readonly number[]): Promise<Figures> {
  const main = modulePath(import.meta.url, "./nexus-main");
  const { stdout } = await run(process.execPath, [main, mode, ...numbers.map(String)]);
  return JSON.parse(stdout) as Figures;
}
