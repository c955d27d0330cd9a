import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { hostResources } from "../../src/host/memory.ts";
import { scratch } from "./scratch.ts";

const meminfo = "MemTotal:       16777216 kB\nMemFree: 1 kB\nMemAvailable:    8388608 kB\n";

async function resources(files: Record<string, string>, cpus = 8): Promise<ReturnType<typeof hostResources>> {
  await using root = await scratch();
  for (const [path, text] of Object.entries({ "proc/meminfo": meminfo, ...files })) {
    await mkdir(dirname(join(root.path, path)), { recursive: true });
    await writeFile(join(root.path, path), text);
  }
  return hostResources(root.path, cpus);
}

test("without limits the host's own figures count", async () => {
  expect(await resources({ "proc/self/cgroup": "0::/\n" })).toEqual({
    memoryTotalMiB: 16384,
    memoryAvailableMiB: 8192,
    cpus: 8,
    memoryLimitedBy: "host memory",
  });
});

test("the tightest cgroup of version 2 binds, on whichever level it is", async () => {
  expect(
    await resources({
      "proc/self/cgroup": "0::/a/b\n",
      "sys/fs/cgroup/a/memory.max": `${2 ** 31}\n`,
      "sys/fs/cgroup/a/memory.current": `${2 ** 30}\n`,
      "sys/fs/cgroup/a/b/memory.max": "max\n",
      "sys/fs/cgroup/a/b/memory.current": "5\n",
      "sys/fs/cgroup/a/b/cpu.max": "150000 100000\n",
      "sys/fs/cgroup/a/cpu.max": "max 100000\n",
    }),
  ).toEqual({ memoryTotalMiB: 2048, memoryAvailableMiB: 1024, cpus: 1.5, memoryLimitedBy: "cgroup limit" });
});

test("cgroups of version 1 bind too, and its huge number is no limit", async () => {
  const limited = {
    "proc/self/cgroup": "5:memory:/g\n4:cpu,cpuacct:/g\n",
    "sys/fs/cgroup/memory/g/memory.limit_in_bytes": `${2 ** 30}\n`,
    "sys/fs/cgroup/memory/g/memory.usage_in_bytes": "0\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "sys/fs/cgroup/cpu/g/cpu.cfs_quota_us": "200000\n",
    "sys/fs/cgroup/cpu/g/cpu.cfs_period_us": "100000\n",
  };
  expect(await resources(limited)).toMatchObject({ memoryAvailableMiB: 1024, cpus: 2 });
});

test("a cgroup over its limit leaves nothing, not less", async () => {
  const files = {
    "proc/self/cgroup": "0::/\n",
    "sys/fs/cgroup/memory.max": "1048576\n",
    "sys/fs/cgroup/memory.current": "9999999\n",
  };
  expect((await resources(files)).memoryAvailableMiB).toBe(0);
});

test("this host has memory and CPUs", () => {
  const { memoryAvailableMiB, memoryTotalMiB, cpus } = hostResources();
  expect(memoryAvailableMiB).toBeGreaterThan(0);
  expect(memoryTotalMiB).toBeGreaterThanOrEqual(memoryAvailableMiB);
  expect(cpus).toBeGreaterThan(0);
});
