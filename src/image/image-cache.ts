import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  ensureDirectory,
  identityWord,
  isAlive,
  kestrelDirectories,
  ownIdentity,
  parseIdentityWord,
  sha256File,
  writeFileAtomic,
} from "../host/index.ts";
import { artifactNames, contentDigest, type Manifest, manifestSchema } from "./manifest.ts";

/** A built image. Its files are read-only to everyone and shared by all that boot from it. */
export interface Image {
  readonly name: string;
  /** Of its content: equal when all its files are. */
  readonly digest: string;
  readonly directory: string;
  /** Absolute path of the kernel (bzImage). */
  readonly kernel: string;
  /** Absolute path of the initramfs, without the code that nodes run: see `composeInitrd`. */
  readonly initrd: string;
  /** Absolute path of the root file system (squashfs). */
  readonly root: string;
  readonly manifest: Manifest;
}

/** Why a directory of the cache is not a whole image. */
export interface ImageDamage {
  readonly damage: string;
}

/**
 * The images on disk:
 * `NAME-KEY/` an image; `trees/KEY/` installed packages before they are packed; `partial/` what is being built, by the
 * process that builds it; `holds/` who uses which image; `locks/`.
 */
export class ImageCache {
  readonly directory: string;

  constructor(directory: string = join(kestrelDirectories().cache, "images")) {
    this.directory = directory;
  }

  /** Make its directories. Throws KestrelError (host) when it cannot be written. */
  async prepare(): Promise<void> {
    for (const part of ["trees", "partial", "holds", "locks"]) {
      await ensureDirectory(join(this.directory, part), "prepare the image cache");
    }
  }

  imagePath(name: string, key: string): string {
    return join(this.directory, `${name}-${shortKey(key)}`);
  }

  treePath(key: string): string {
    return join(this.directory, "trees", shortKey(key));
  }

  lockPath(path: string): string {
    return join(this.directory, "locks", `${path.slice(path.lastIndexOf("/") + 1)}.lock`);
  }

  /** A new directory for work that is not complete; {@link publish} or {@link removePartial} ends it. */
  async makePartial(): Promise<string> {
    const path = join(this.directory, "partial", `${identityWord(ownIdentity())}.${(partialCounter += 1)}`);
    await mkdir(path, { mode: 0o700 });
    return path;
  }

  /** Give complete work its place; what was there before goes. */
  async publish(partial: string, path: string): Promise<void> {
    await rm(path, { recursive: true, force: true });
    await rename(partial, path);
  }

  /** Remove the incomplete work of processes that ended. */
  async removeDeadPartials(): Promise<void> {
    await this.#removeDead("partial");
  }

  /**
   * Look at an image: its manifest and the sizes of its files, or with `full` their digests too.
   *
   * @returns undefined when there is none
   */
  async readImage(path: string, full = false): Promise<Image | ImageDamage | undefined> {
    if ((await stat(path).catch(() => undefined)) === undefined) return undefined;
    const manifest = await readManifest(join(path, "manifest.json"));
    if (manifest === undefined) return { damage: "its manifest.json cannot be read" };
    for (const name of artifactNames) {
      const file = join(path, name);
      const expected = manifest.artifacts[name];
      const facts = await stat(file).catch(() => undefined);
      if (facts?.size !== expected.size) {
        return { damage: `${name} has ${facts?.size ?? "no"} bytes instead of ${expected.size}` };
      }
      if (full && (await sha256File(file)) !== expected.sha256)
        return { damage: `${name} has other bytes than were built` };
    }
    return {
      name: manifest.name,
      digest: contentDigest(manifest),
      directory: path,
      kernel: join(path, "vmlinuz"),
      initrd: join(path, "initrd"),
      root: join(path, "root.squashfs"),
      manifest,
    };
  }

  /** Paths of everything that looks like an image. */
  async imagePaths(): Promise<string[]> {
    const own = new Set(["trees", "partial", "holds", "locks"]);
    const names = await readdir(this.directory).catch(() => []);
    return names.filter((name) => !own.has(name)).map((name) => join(this.directory, name));
  }

  async treePaths(): Promise<string[]> {
    const directory = join(this.directory, "trees");
    return (await readdir(directory).catch(() => [])).map((name) => join(directory, name));
  }

  /** Note that this process uses an image, for as long as it lives: it is not collected meanwhile. */
  async hold(path: string): Promise<void> {
    await this.#removeDead("holds");
    await writeFileAtomic(join(this.directory, "holds", holdName(path, identityWord(ownIdentity()))), "");
  }

  /** Whether a living process uses the image. */
  async isHeld(path: string): Promise<boolean> {
    await this.#removeDead("holds");
    const prefix = holdName(path, "");
    return (await readdir(join(this.directory, "holds"))).some((name) => name.startsWith(prefix));
  }

  async #removeDead(part: "partial" | "holds"): Promise<void> {
    for (const name of await readdir(join(this.directory, part)).catch(() => [])) {
      const word = part === "partial" ? name.replace(/\.\d+$/, "") : name.slice(name.lastIndexOf("@") + 1);
      const owner = parseIdentityWord(word);
      if (owner === undefined || !isAlive(owner)) {
        await rm(join(this.directory, part, name), { recursive: true, force: true });
      }
    }
  }
}

let partialCounter = 0;

function holdName(path: string, owner: string): string {
  return `${path.slice(path.lastIndexOf("/") + 1)}@${owner}`;
}

function shortKey(key: string): string {
  return key.slice(0, 16);
}

async function readManifest(file: string): Promise<Manifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}
