import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { execa } from "execa";
import { describeError } from "../../error/kestrel-error.ts";
import {
  availableDiskBytes,
  ensureDirectory,
  type HostResources,
  hostResources,
  kestrelDirectories,
} from "../../host/index.ts";
import { formatBytes } from "../quantities.ts";
import type { Check } from "./check.ts";

/** Memory of the smallest testbed worth launching, and of a comfortable one, MiB (a node: 256, 40 beside it; 512 spare). */
const memoryMiB = { least: 1104, comfortable: 2048, node: 296, spare: 512 } as const;
/** Room for one image with its templates, bytes. */
const diskBytes = { least: 512 * 2 ** 20, comfortable: 3 * 2 ** 30 } as const;
/** Open files of a supervisor with eight nodes. */
const comfortableOpenFiles = 1024;

/** Memory that machines can have now. */
export function checkMemory(resources: HostResources = hostResources()): Check {
  const { memoryAvailableMiB, memoryTotalMiB, memoryLimitedBy } = resources;
  const nodes = Math.max(0, Math.floor((memoryAvailableMiB - memoryMiB.spare) / memoryMiB.node));
  const found = `${memoryAvailableMiB} of ${memoryTotalMiB} MiB available (${memoryLimitedBy}): some ${nodes} nodes of 256 MiB`;
  const fix = "end other programs or testbeds (kestrel ls), or use a bigger host";
  if (memoryAvailableMiB < memoryMiB.least) return { name: "memory", verdict: "problem", found, fix };
  if (memoryAvailableMiB < memoryMiB.comfortable) return { name: "memory", verdict: "warning", found, fix };
  return { name: "memory", verdict: "ok", found };
}

/** CPUs that this process may use. */
export function checkCpus({ cpus }: HostResources = hostResources()): Check {
  const found = `${cpus} usable`;
  if (cpus >= 2) return { name: "cpus", verdict: "ok", found };
  return { name: "cpus", verdict: "warning", found, fix: "testbeds run, slowly; two or more are better" };
}

/** Whether Kestrel's directories can be written, and the room below them. */
export async function checkDirectories(): Promise<readonly Check[]> {
  try {
    const directories = kestrelDirectories();
    return await Promise.all([
      checkDirectory("state directory", directories.state),
      checkDirectory("cache directory", directories.cache),
    ]);
  } catch (error) {
    return [{ name: "directories", verdict: "problem", found: describeError(error), fix: "give absolute paths" }];
  }
}

async function checkDirectory(name: string, path: string): Promise<Check> {
  try {
    await ensureDirectory(path);
  } catch (error) {
    const [found = "", fix = ""] = describeError(error).split("\n");
    return { name, verdict: "problem", found, fix: fix.replace(/^\s*what to do: /, "") };
  }
  const bytes = await availableDiskBytes(nearestExisting(path));
  const found = `${path}, ${formatBytes(bytes)} free`;
  const fix = "make room, or remove what is not needed any more: kestrel gc";
  if (bytes < diskBytes.least) return { name, verdict: "problem", found, fix };
  if (bytes < diskBytes.comfortable) return { name, verdict: "warning", found, fix };
  return { name, verdict: "ok", found };
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** The soft limit of open files, which supervisors inherit. */
export async function checkOpenFiles(): Promise<Check> {
  const { stdout } = await execa("sh", ["-c", "ulimit -n"]);
  const limit = stdout.trim() === "unlimited" ? Number.POSITIVE_INFINITY : Number(stdout.trim());
  const found = `${limit} at once`;
  if (limit >= comfortableOpenFiles) return { name: "open files", verdict: "ok", found };
  return {
    name: "open files",
    verdict: "warning",
    found,
    fix: `for bigger testbeds: ulimit -n ${comfortableOpenFiles}`,
  };
}

/** Whether images can be built without root: user namespaces are tried, subordinate ids looked up. */
export async function checkRootless(imageIsThere: boolean): Promise<readonly Check[]> {
  const verdict = imageIsThere || process.getuid?.() === 0 ? "warning" : "problem";
  const tried = await execa("unshare", ["--user", "--map-root-user", "true"], { reject: false });
  const namespaces: Check =
    tried.exitCode === 0
      ? { name: "user namespaces", verdict: "ok", found: "this user may make them" }
      : {
          name: "user namespaces",
          verdict,
          found: `this user may not make them: ${tried.stderr.trim() || "unshare failed"}`,
          fix: "allow them (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), or build images as root",
        };
  return process.getuid?.() === 0 ? [namespaces] : [namespaces, await checkSubordinateIds(verdict)];
}

async function checkSubordinateIds(verdict: "warning" | "problem"): Promise<Check> {
  const { username, uid } = userInfo();
  const files = await Promise.all(["/etc/subuid", "/etc/subgid"].map((file) => readFile(file, "utf8").catch(() => "")));
  const has = files.every((text) =>
    text.split("\n").some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`)),
  );
  if (has) return { name: "subordinate ids", verdict: "ok", found: `${username} has them` };
  return {
    name: "subordinate ids",
    verdict,
    found: `none for ${username} in /etc/subuid and /etc/subgid`,
    fix: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}`,
  };
}
