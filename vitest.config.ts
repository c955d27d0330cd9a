import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const slow = "test/**/*.slow.test.ts";
const seed = "test/fast-check-seed.ts";
const beside = "test/**/*.beside.test.ts";
const nightly = ["test/**/*.nightly.test.ts", "flows/**/*.nightly.flow.ts"];
/** Deadlines that only what hangs can miss, however busy the machine is. */
const patient = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };
/** Files at the same time: vitest's own choice leaves one processor to itself, which has little to do. */
const together = { maxWorkers: Math.max(2, availableParallelism()) };
/** Files that start real machines: one at a time, which keeps two processors honest. */
const withMachines = {
  fileParallelism: false,
  sequence: { groupOrder: 1 },
  testTimeout: 600_000,
  hookTimeout: 900_000,
};
/** Flow files share testbeds, as under `kestrel flow run`. */
const sharedTestbeds = {
  globalSetup: ["src/flow/run/vitest-setup.ts"],
  setupFiles: ["src/flow/run/worker-setup.ts"],
  isolate: false,
};
/** Long files that nothing hurries: scripts/test gives them what the others leave of the processors. */
const unhurried = { ...withMachines, testTimeout: 1_800_000, hookTimeout: 1_800_000 };
/** Long campaigns have the machine for themselves. */
const alone = {
  fileParallelism: false,
  sequence: { groupOrder: 2 },
  testTimeout: 3_600_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: [slow, beside, ...nightly],
          setupFiles: [seed],
          // Files of a worker share the modules that they load: a sixth of all the time. What a test changes, it undoes.
          isolate: false,
          unstubEnvs: true,
          restoreMocks: true,
          ...patient,
          ...together,
        },
      },
      { test: { name: "slow", include: [slow], ...patient, ...withMachines } },
      { test: { name: "beside", include: [beside], ...patient, ...unhurried } },
      {
        test: {
          name: "flows",
          include: ["flows/**/*.flow.ts"],
          exclude: nightly,
          ...sharedTestbeds,
          ...patient,
          ...withMachines,
        },
      },
      { test: { name: "nightly", include: nightly, ...patient, ...alone } },
    ],
  },
});
