import { spawnSync } from "node:child_process";
import { chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { imageBuild } from "../../src/image/index.ts";
import type { Caller } from "../testbed/command-line.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const nobody = 65_534;

/** The user without any right, with a home and caches of its own; null when the tests run without root as it is. */
export interface Nobody extends AsyncDisposable {
  readonly caller: Caller;
}

/** Give nobody what set-up gives a user: the image, and where it cannot reach this tree, a copy of it. */
export async function becomeNobody(): Promise<Nobody | null> {
  if (process.getuid?.() !== 0) return null;
  const home = await mkdtemp("/tmp/ks-nobody-");
  const images = join(home, "cache/images");
  await mkdir(images, { recursive: true, mode: 0o700 });
  const { directory } = await imageBuild("base");
  await execa("cp", ["-r", "--reflink=auto", directory, images]);
  const program = join(reaches(repository) ? repository : await copyTree(home), "bin/kestrel");
  await chown(home, nobody, nobody);
  await execa("chown", ["-R", `${nobody}:${nobody}`, join(home, "cache")]);
  return {
    caller: {
      uid: nobody,
      gid: nobody,
      program,
      environment: {
        HOME: home,
        KESTREL_CACHE_DIR: join(home, "cache"),
        NODE_COMPILE_CACHE: join(home, "cache/compiled"),
      },
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

function reaches(path: string): boolean {
  return spawnSync("test", ["-x", join(path, "bin/kestrel")], { uid: nobody, gid: nobody }).status === 0;
}

async function copyTree(home: string): Promise<string> {
  const copy = join(home, "kestrel");
  await mkdir(copy);
  const parts = ["bin", "images", "node_modules", "package.json", "src", "topologies"];
  await execa("cp", ["-r", "--reflink=auto", ...parts, copy], { cwd: repository });
  return copy;
}
