import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";
import { cpioArchive, type CpioEntry, parentDirectories } from "./cpio.ts";
import { parseModuleTable, selectModules } from "./kernel-modules.ts";
import { imagesDirectory } from "./recipe.ts";
import type { TarArchive } from "./tar-archive.ts";

/** The script that runs as the first program of every node. */
export const initScript: string = join(imagesDirectory, "initramfs/init");

/** Programs that the script calls; all of them are busybox. */
const applets = [
  "cat",
  "ifconfig",
  "insmod",
  "ln",
  "ls",
  "mkdir",
  "mount",
  "mv",
  "poweroff",
  "sh",
  "switch_root",
  "uname",
];

const directories = ["bin", "dev", "lower", "modules", "proc", "root", "sys", "upper"];

/** The kernel of a root tree. */
export interface Kernel {
  /** What `uname -r` says in the guest. */
  readonly release: string;
  readonly vmlinuz: Buffer;
  /** Paths of its modules in the tree, which `modules.dep` is relative to. */
  readonly moduleDirectory: string;
  readonly modules: ReturnType<typeof parseModuleTable>;
}

/** Find the one kernel in a tree. Throws KestrelError (input) when there is none or several. */
export async function findKernel(tree: TarArchive, subject: string): Promise<Kernel> {
  const paths = tree.entries.map(({ path }) => path).filter((path) => /^boot\/vmlinuz-[^/]+$/.test(path));
  const [path] = paths;
  const vmlinuz = path === undefined ? undefined : await tree.read(path);
  if (path === undefined || vmlinuz === undefined || paths.length > 1) {
    throw new KestrelError({
      kind: "input",
      step: "build image",
      subject,
      expected: "one kernel in /boot",
      found: paths.length === 0 ? "none" : paths.join(", "),
      hint: "`kernel` must name one kernel package, such as linux-image-cloud-amd64",
    });
  }
  const release = path.slice("boot/vmlinuz-".length);
  const moduleDirectory = `usr/lib/modules/${release}`;
  const [dependencies, builtin] = await Promise.all(
    ["modules.dep", "modules.builtin"].map(async (file) => tree.read(`${moduleDirectory}/${file}`)),
  );
  const modules = parseModuleTable(dependencies?.toString() ?? "", builtin?.toString() ?? "");
  return { release, vmlinuz, moduleDirectory, modules };
}

/**
 * The initramfs of an image: busybox, the modules without which the root cannot be found, and the init script.
 *
 * @param wanted - names of kernel modules
 * @throws KestrelError (input) naming everything that is missing
 */
export async function buildInitramfs(
  tree: TarArchive,
  kernel: Kernel,
  wanted: readonly string[],
  subject: string,
): Promise<Buffer> {
  const selection = selectModules(kernel.modules, wanted);
  const busybox = (await tree.read("usr/bin/busybox")) ?? (await tree.read("bin/busybox"));
  if (busybox === undefined || selection.unknown.length > 0) {
    const missing = [...(busybox === undefined ? ["package busybox-static"] : []), ...selection.unknown];
    throw new KestrelError({
      kind: "input",
      step: "build image",
      subject,
      expected: `what the initramfs needs, in Linux ${kernel.release}`,
      found: `no ${missing.join(", no ")}`,
    });
  }
  const modules: CpioEntry[] = [];
  for (const path of selection.paths) {
    const content = await tree.read(`${kernel.moduleDirectory}/${path}`);
    if (content === undefined) throw new Error(`modules.dep names ${path}, which the package does not bring`);
    modules.push({ type: "file", path: `modules/${fileName(path)}`, mode: 0o644, content });
  }
  const order = selection.paths.map((path) => `${fileName(path)}\n`).join("");
  return cpioArchive([
    ...directories.map((path): CpioEntry => ({ type: "directory", path, mode: 0o755 })),
    // The kernel opens it for init before anything is mounted.
    { type: "character-device", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
    { type: "file", path: "bin/busybox", mode: 0o755, content: busybox },
    ...applets.map((name): CpioEntry => ({ type: "symlink", path: `bin/${name}`, target: "busybox" })),
    { type: "file", path: "init", mode: 0o755, content: await readFile(initScript) },
    { type: "file", path: "modules/order", mode: 0o644, content: Buffer.from(order) },
    ...modules,
  ]);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A file for `/opt/kestrel` of a node: given as bytes, or as the path of a file on this host. */
export type StackFile = {
  /** Relative to `/opt/kestrel`. */
  readonly path: string;
  /** Permission bits; 0644 when absent. */
  readonly mode?: number;
} & ({ readonly content: string | Uint8Array } | { readonly source: string });

/** A cpio archive that adds files below `/kestrel` of an initramfs; the init script moves them to `/opt/kestrel`. */
export async function stackArchive(files: readonly StackFile[]): Promise<Buffer> {
  const entries = await Promise.all(
    files
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .map(async (file): Promise<CpioEntry> => ({
        type: "file",
        path: `kestrel/${file.path}`,
        mode: file.mode ?? 0o644,
        content: "source" in file ? await readFile(file.source) : Buffer.from(file.content),
      })),
  );
  const parents = parentDirectories(entries.map(({ path }) => path));
  return cpioArchive([...parents.map((path): CpioEntry => ({ type: "directory", path, mode: 0o755 })), ...entries]);
}
