import type { Benchmark } from "./benchmark.ts";
import { clones } from "./clones.ts";
import { ddm } from "./ddm.ts";
import { exec } from "./exec.ts";
import { fabric } from "./fabric.ts";
import { flow } from "./flow.ts";
import { lifecycle } from "./lifecycle.ts";
import { nexus } from "./nexus.ts";
import { opte } from "./opte.ts";
import { p4 } from "./p4.ts";
import { rack } from "./rack.ts";
import { tui } from "./tui.ts";
import { wire } from "./wire.ts";

export { type Benchmark, type BenchmarkOptions } from "./benchmark.ts";

/** All benchmarks by name, for `kestrel bench`. */
export const benchmarks: Readonly<Record<string, Benchmark>> = {
  clones,
  ddm,
  exec,
  fabric,
  flow,
  lifecycle,
  nexus,
  opte,
  p4,
  rack,
  tui,
  wire,
};
