import { defineConfig } from "vitest/config";

const slow = "test/**/*.slow.test.ts";
const seed = "test/fast-check-seed.ts";
const nightly = "test/**/*.nightly.test.ts";
/** Deadlines that only what hangs can miss, however busy the machine is. */
const patient = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };
/** Files that start real machines: one at a time keeps two cores honest. */
const withMachines = { fileParallelism: false, testTimeout: 240_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.{ts,tsx}"],
          exclude: [slow, nightly],
          setupFiles: [seed],
          ...patient,
        },
      },
      { test: { name: "slow", include: [slow], ...patient, ...withMachines } },
      { test: { name: "flows", include: ["flows/**/*.flow.ts"], ...patient, ...withMachines } },
      { test: { name: "nightly", include: [nightly], ...patient, ...withMachines, testTimeout: 3_600_000 } },
    ],
  },
});
