import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";

/**
 * When a tool is needed: to run testbeds, to compile what a built package brings ready, to build images, for its own
 * feature only, or to test Kestrel itself.
 */
export type ToolUse = "run" | "compile" | "build" | "feature" | "test";

/** A program of the host that Kestrel calls. */
export interface Tool {
  /** The file looked for in PATH and in the sbin directories, which are not in every user's PATH. */
  readonly command: string;
  /** The Debian and Ubuntu package that brings it. */
  readonly debianPackage: string;
  readonly use: ToolUse;
  /** What cannot be done without it. */
  readonly purpose: string;
  /** Arguments that make it tell its version, and the oldest one that will do. */
  readonly version?: { readonly arguments: readonly string[]; readonly minimum?: string };
}

/** Every program of the host that Kestrel calls; scripts/setup and `kestrel doctor` read it. */
export const tools = {
  qemu: {
    command: "qemu-system-x86_64",
    debianPackage: "qemu-system-x86",
    use: "run",
    purpose: "run virtual machines",
    version: { arguments: ["--version"], minimum: "7.2" },
  },
  "qemu-img": {
    command: "qemu-img",
    debianPackage: "qemu-utils",
    use: "run",
    purpose: "lay copy-on-write disks over the disk images of `vm` nodes",
    version: { arguments: ["--version"], minimum: "7.2" },
  },
  mke2fs: { command: "mke2fs", debianPackage: "e2fsprogs", use: "run", purpose: "format data disks" },
  flock: { command: "flock", debianPackage: "util-linux", use: "run", purpose: "lock the caches" },
  tar: { command: "tar", debianPackage: "tar", use: "run", purpose: "copy files to and from nodes" },
  ssh: { command: "ssh", debianPackage: "openssh-client", use: "run", purpose: "open `kestrel ssh` sessions" },
  "ssh-keygen": {
    command: "ssh-keygen",
    debianPackage: "openssh-client",
    use: "run",
    purpose: "make the keys of a testbed",
  },
  mmdebstrap: {
    command: "mmdebstrap",
    debianPackage: "mmdebstrap",
    use: "build",
    purpose: "install Debian packages into images",
    version: { arguments: ["--version"], minimum: "1.3" },
  },
  mksquashfs: {
    command: "mksquashfs",
    debianPackage: "squashfs-tools",
    use: "build",
    purpose: "pack the root file system of images",
    version: { arguments: ["-version"], minimum: "4.5" },
  },
  newuidmap: {
    command: "newuidmap",
    debianPackage: "uidmap",
    use: "build",
    purpose: "build images without being root",
  },
  "musl-gcc": {
    command: "musl-gcc",
    debianPackage: "musl-tools",
    use: "compile",
    purpose: "compile the guest agent",
  },
  zstd: { command: "zstd", debianPackage: "zstd", use: "build", purpose: "unpack Debian packages" },
  genisoimage: {
    command: "genisoimage",
    debianPackage: "genisoimage",
    use: "feature",
    purpose: "tell `vm` nodes who they are (cloud-init seeds)",
  },
  vde: { command: "vde_switch", debianPackage: "vde2", use: "feature", purpose: "attach segments to VDE switches" },
  cpio: { command: "cpio", debianPackage: "cpio", use: "test", purpose: "check the initramfs archives" },
  sshd: { command: "sshd", debianPackage: "openssh-server", use: "test", purpose: "test guests over SSH" },
  tshark: { command: "tshark", debianPackage: "tshark", use: "test", purpose: "judge packets and captures" },
  chromium: { command: "chromium", debianPackage: "chromium", use: "test", purpose: "open the reports of runs" },
  busybox: { command: "busybox", debianPackage: "busybox", use: "test", purpose: "be guests' clients: ping, udhcpc" },
  dhclient: { command: "dhclient", debianPackage: "isc-dhcp-client", use: "test", purpose: "be guests' DHCPv6 client" },
  tmux: { command: "tmux", debianPackage: "tmux", use: "test", purpose: "drive the terminal user interface" },
  sfdisk: { command: "sfdisk", debianPackage: "fdisk", use: "test", purpose: "make a disk image that boots" },
  "grub-mkimage": {
    command: "grub-mkimage",
    debianPackage: "grub-common",
    use: "test",
    purpose: "make a disk image that boots",
  },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/**
 * Debian packages that bring no program that is called here but are needed: the keys that Ubuntu lacks to verify Debian, the compiler
 * proper behind musl-gcc, a boot loader, the headers of the host's own C library.
 */
const dataPackages: Readonly<Record<ToolUse, readonly string[]>> = {
  run: [],
  compile: ["gcc", "linux-libc-dev"],
  build: ["debian-archive-keyring", "ca-certificates"],
  feature: [],
  test: ["grub-pc-bin", "libc6-dev"],
};

/** The packages to install for the given uses, sorted, each once. */
export function requiredPackages(...uses: readonly ToolUse[]): string[] {
  const programs = Object.values<Tool>(tools).filter((tool) => uses.includes(tool.use));
  return [
    ...new Set([...programs.map((tool) => tool.debianPackage), ...uses.flatMap((use) => dataPackages[use])]),
  ].toSorted();
}

/** A tool that is there. `version` is what it says itself, for example "7.2.22"; absent when it is not asked. */
export interface FoundTool {
  readonly name: ToolName;
  readonly path: string;
  readonly version?: string;
}

const systemDirectories = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * Find a tool and check its version.
 *
 * @param searchPath directories separated by colons; PATH when absent.
 * @throws KestrelError (host) when it is missing or too old, with the package to install.
 */
export async function locateTool(name: ToolName, searchPath = process.env["PATH"] ?? ""): Promise<FoundTool> {
  const tool: Tool = tools[name];
  const path = await findProgram(tool.command, searchPath);
  if (path === undefined) throw missingTool(tool, `no ${tool.command} in ${searchPath}`);
  if (tool.version === undefined) return { name, path };
  const version = await askVersion(tool, path, tool.version.arguments);
  const { minimum } = tool.version;
  if (minimum !== undefined && compareVersions(version, minimum) < 0) throw missingTool(tool, `version ${version}`);
  return { name, path, version };
}

/**
 * Find several tools.
 *
 * @throws KestrelError (host) that names all the missing and too old ones and the one command that installs them.
 */
export async function locateTools<Name extends ToolName>(
  names: readonly Name[],
  searchPath = process.env["PATH"] ?? "",
): Promise<Record<Name, FoundTool>> {
  const results = await Promise.allSettled(names.map((name) => locateTool(name, searchPath)));
  const faults = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  const [first] = faults;
  if (faults.length === 1) throw first;
  if (faults.length > 1) {
    const missing = names.filter((_, index) => results[index]?.status === "rejected");
    throw new KestrelError({
      kind: "host",
      step: "find the programs of this host",
      found: faults.map((fault) => (fault instanceof Error ? fault.message : String(fault))).join("; "),
      hint: installHint(missing.map((name) => tools[name].debianPackage)),
    });
  }
  const found = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  return Object.fromEntries(found.map((tool) => [tool.name, tool])) as Record<Name, FoundTool>;
}

/** The absolute path of a program that this user can run, or undefined. */
export async function findProgram(
  command: string,
  searchPath = process.env["PATH"] ?? "",
): Promise<string | undefined> {
  for (const directory of [...searchPath.split(delimiter), ...systemDirectories]) {
    if (directory === "") continue;
    const path = join(directory, command);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

async function askVersion(tool: Tool, path: string, versionArguments: readonly string[]): Promise<string> {
  // Loaded when it is needed: most commands ask no tool for its version, and it is half of their start-up time.
  const { execa } = await import("execa");
  const answer = await execa(path, versionArguments, { all: true, reject: false, stdin: "ignore", timeout: 10_000 });
  const version = /\b(\d+(?:\.\d+)+)/.exec(answer.all)?.[1];
  if (version === undefined) throw missingTool(tool, `${path}, which does not tell its version: ${answer.all}`);
  return version;
}

function missingTool(tool: Tool, found: string): KestrelError {
  const minimum = tool.version?.minimum;
  return new KestrelError({
    kind: "host",
    step: `find ${tool.command}`,
    expected:
      minimum === undefined ? `${tool.command}, to ${tool.purpose}` : `version ${minimum} or newer, to ${tool.purpose}`,
    found,
    hint: installHint([tool.debianPackage]),
  });
}

function installHint(packages: readonly string[]): string {
  return `sudo apt-get install ${[...new Set(packages)].toSorted().join(" ")}`;
}

/** Order of two dotted versions, number by number: negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
