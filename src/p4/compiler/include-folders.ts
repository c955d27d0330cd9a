import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SourceFile } from "./diagnostics/source-file.ts";
import type { IncludeResolver } from "./preprocess/preprocess.ts";

/** Where our own core.p4 and v1model.p4 are. */
export const standardIncludes = fileURLToPath(new URL("../include", import.meta.url));

/**
 * Looks for included files beside the including one (if written in quotes), in these folders, and among our own.
 * Each file is read once.
 */
export class IncludeFolders implements IncludeResolver {
  readonly #folders: readonly string[];
  readonly #files = new Map<string, SourceFile | undefined>();

  constructor(folders: readonly string[] = []) {
    this.#folders = folders;
  }

  resolve(path: string, from: string, system: boolean): SourceFile | undefined {
    const beside = system ? [] : [dirname(from)];
    for (const folder of [...beside, ...this.#folders]) {
      const file = this.#read(join(folder, path), join(folder, path));
      if (file !== undefined) return file;
    }
    // Ours go by their own name wherever this is installed, so that the JSON is the same everywhere.
    return this.#read(resolve(standardIncludes, path), path);
  }

  #read(place: string, name: string): SourceFile | undefined {
    if (!this.#files.has(place)) this.#files.set(place, readSource(place, name));
    return this.#files.get(place);
  }
}

function readSource(place: string, name: string): SourceFile | undefined {
  try {
    return new SourceFile(name, readFileSync(place, "utf8"));
  } catch {
    return undefined;
  }
}
