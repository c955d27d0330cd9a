import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { acquireLock } from "../host/index.ts";
import { type Image, ImageCache } from "./image-cache.ts";
import { composedPrefix } from "./initrd.ts";
import { artifactNames } from "./manifest.ts";

/** One image of the cache, as `kestrel image ls` shows it. */
export interface ImageListing extends Image {
  /** Bytes of its files. */
  readonly size: number;
  /** Whether a living process boots nodes from it. */
  readonly inUse: boolean;
}

/** All whole images of the cache, newest first. */
export async function imageList(cache: ImageCache = new ImageCache()): Promise<ImageListing[]> {
  await cache.prepare();
  const listings: ImageListing[] = [];
  for (const path of await cache.imagePaths()) {
    const image = await cache.readImage(path);
    if (image === undefined || "damage" in image) continue;
    const size = artifactNames.reduce((sum, name) => sum + image.manifest.artifacts[name].size, 0);
    listings.push({ ...image, size, inUse: await cache.isHeld(path) });
  }
  return listings.toSorted((a, b) => (a.manifest.builtAt < b.manifest.builtAt ? 1 : -1));
}

/** What to keep when collecting. */
export interface ImageGcOptions {
  /** `newest`: the last build of each name and the packages it was made from; `used`: only what a living process uses. */
  readonly keep?: "newest" | "used";
  readonly cache?: ImageCache;
}

/** What was removed. */
export interface ImageGcResult {
  /** Paths of images, package trees and composed initramfs files. */
  readonly removed: readonly string[];
  readonly freedBytes: number;
}

/** Remove images that are not needed any more; never one that a living process uses or builds. */
export async function imageGc(options: ImageGcOptions = {}): Promise<ImageGcResult> {
  const { keep = "newest", cache = new ImageCache() } = options;
  await cache.prepare();
  await cache.removeDeadPartials();
  const kept = keep === "newest" ? await newestPaths(cache) : new Set<string>();
  const removed: string[] = [];
  let freedBytes = 0;
  const candidates = [
    ...(await cache.imagePaths()),
    ...(keep === "used" ? await cache.treePaths() : await oldTrees(cache)),
  ];
  for (const path of candidates) {
    // Of an image that stays, the initramfs files that were composed for it go: they are made again in milliseconds.
    const isDoomed = kept.has(path) ? (file: string) => file.startsWith(composedPrefix) : undefined;
    const result = await removeUnlessUsed(cache, path, isDoomed);
    if (result === undefined) continue;
    removed.push(...result.removed);
    freedBytes += result.freedBytes;
  }
  return { removed, freedBytes };
}

async function newestPaths(cache: ImageCache): Promise<Set<string>> {
  const seen = new Set<string>();
  const newest = (await imageList(cache)).filter(({ name }) => !seen.has(name) && seen.add(name));
  return new Set(newest.map(({ directory }) => directory));
}

/** All trees but the one made last, which the next build of the same packages starts from. */
async function oldTrees(cache: ImageCache): Promise<string[]> {
  const trees = await Promise.all(
    (await cache.treePaths()).map(async (path) => ({ path, madeMs: (await stat(path)).mtimeMs })),
  );
  return trees
    .toSorted((a, b) => b.madeMs - a.madeMs)
    .slice(1)
    .map(({ path }) => path);
}

/**
 * Remove a directory, or the files in it that `isDoomed` chooses.
 *
 * @returns undefined when it is used or being built
 */
async function removeUnlessUsed(
  cache: ImageCache,
  path: string,
  isDoomed?: (file: string) => boolean,
): Promise<ImageGcResult | undefined> {
  const lock = await acquireLock(cache.lockPath(path), { purpose: "collect images", timeoutMs: 0 }).catch(
    () => undefined,
  );
  if (lock === undefined) return undefined;
  await using _lock = lock;
  if (await cache.isHeld(path)) return undefined;
  const files = (await readdir(path).catch(() => [])).filter(isDoomed ?? (() => true)).map((file) => join(path, file));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const removed = isDoomed === undefined ? [path] : files;
  for (const doomed of removed) await rm(doomed, { recursive: true, force: true });
  return { removed, freedBytes: sizes.reduce((sum, size) => sum + size, 0) };
}
