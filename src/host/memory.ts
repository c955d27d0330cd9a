import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

/** What this host can give to machines now, after the limits of the cgroups that this process is in. */
export interface HostResources {
  readonly memoryTotalMiB: number;
  /** What can be used without swapping: `MemAvailable`, or what is left below a cgroup's limit when that is less. */
  readonly memoryAvailableMiB: number;
  /** CPUs this process may use at once; a fraction when a cgroup quota says so. */
  readonly cpus: number;
  /** What sets the memory figure, in words for a message. */
  readonly memoryLimitedBy: "host memory" | "cgroup limit";
}

/**
 * Read memory and CPUs from `/proc` and `/sys/fs/cgroup` (versions 1 and 2).
 *
 * @param root directory that holds `proc` and `sys`, for tests.
 */
export function hostResources(root = "/", hostCpus: number = availableParallelism()): HostResources {
  const meminfo = read(join(root, "proc/meminfo")) ?? "";
  const totalMiB = meminfoMiB(meminfo, "MemTotal");
  const availableMiB = meminfoMiB(meminfo, "MemAvailable");
  const limits = cgroupLimits(root);
  const left = Math.min(...limits.memoryLeftMiB, Number.POSITIVE_INFINITY);
  return {
    memoryTotalMiB: Math.min(totalMiB, ...limits.memoryMaxMiB),
    memoryAvailableMiB: Math.max(0, Math.min(availableMiB, left)),
    cpus: Math.min(hostCpus, ...limits.cpus),
    memoryLimitedBy: left < availableMiB ? "cgroup limit" : "host memory",
  };
}

function meminfoMiB(text: string, key: string): number {
  const match = new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(text);
  return match === null ? 0 : Math.floor(Number(match[1]) / 1024);
}

interface CgroupLimits {
  readonly memoryMaxMiB: number[];
  readonly memoryLeftMiB: number[];
  readonly cpus: number[];
}

/** Limits of every cgroup from this process's own up to the root: the tightest of them binds. */
function cgroupLimits(root: string): CgroupLimits {
  const limits: CgroupLimits = { memoryMaxMiB: [], memoryLeftMiB: [], cpus: [] };
  const mount = join(root, "sys/fs/cgroup");
  for (const line of (read(join(root, "proc/self/cgroup")) ?? "").split("\n")) {
    const [id, controllers, path] = line.split(":");
    if (path === undefined) continue;
    if (id === "0" && controllers === "") {
      for (const group of ancestors(path)) readVersion2(join(mount, group), limits);
    } else if (controllers?.split(",").includes("memory") === true) {
      for (const group of ancestors(path)) {
        const directory = join(mount, "memory", group);
        addMemory(limits, `${directory}/memory.limit_in_bytes`, `${directory}/memory.usage_in_bytes`);
      }
    } else if (controllers?.split(",").includes("cpu") === true) {
      for (const group of ancestors(path)) {
        const directory = join(mount, "cpu", group);
        addCpu(limits, read(`${directory}/cpu.cfs_quota_us`), read(`${directory}/cpu.cfs_period_us`));
      }
    }
  }
  return limits;
}

function readVersion2(directory: string, limits: CgroupLimits): void {
  addMemory(limits, join(directory, "memory.max"), join(directory, "memory.current"));
  const [quota, period] = (read(join(directory, "cpu.max")) ?? "").trim().split(" ");
  addCpu(limits, quota, period);
}

function addMemory(limits: CgroupLimits, maxFile: string, usedFile: string): void {
  const max = Number(read(maxFile)?.trim());
  // "max" (version 2) is not a number; version 1 says "no limit" with one near 2^63.
  if (!Number.isFinite(max) || max >= 2 ** 60) return;
  const used = Number(read(usedFile)?.trim() ?? 0);
  limits.memoryMaxMiB.push(Math.floor(max / 2 ** 20));
  limits.memoryLeftMiB.push(Math.floor((max - used) / 2 ** 20));
}

function addCpu(limits: CgroupLimits, quota: string | undefined, period: string | undefined): void {
  const share = Number(quota) / Number(period);
  if (Number.isFinite(share) && share > 0) limits.cpus.push(share);
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...ancestors(parent)];
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
