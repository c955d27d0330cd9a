import { type Benchmark, rowOfHosts, withTestbed } from "./benchmark.ts";
import { percentile, rounded } from "./statistics.ts";

const warmUps = 20;
const samples = 300;

/** Round trip of a command that does nothing, on an open connection to a node that does nothing else. */
export const exec: Benchmark = {
  description: "round trip of a command in a node, on an open connection",
  run: () =>
    withTestbed(rowOfHosts(1), {}, async (testbed) => {
      const guest = await testbed.node("n0").guest();
      for (let count = 0; count < warmUps; count += 1) await guest.exec(["true"]);
      const times: number[] = [];
      for (let count = 0; count < samples; count += 1) {
        const startedAt = performance.now();
        await guest.exec(["true"]);
        times.push(performance.now() - startedAt);
      }
      return { p50Ms: rounded(percentile(times, 0.5)), p95Ms: rounded(percentile(times, 0.95)), samples };
    }),
};
