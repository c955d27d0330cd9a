import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { KestrelError } from "../../../error/kestrel-error.ts";
import type { PortSnapshot } from "../engine/vpc/port-snapshot.ts";
import { type SavedState, savedState } from "./sled-state.ts";

/**
 * What outlasts opted: `state.json`, everything that it was told with ids and counters of rules, and `flows-PORT.json`, the connections of each port. Each file is
 * replaced as a whole, so a power cut leaves the old or the new one.
 */
export class OptedStore {
  readonly #directory: string;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #pending: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** What opted was told before; undefined if it never was. @throws KestrelError if there is a file that is none: it stays */
  async loadState(): Promise<SavedState | undefined> {
    const text = await this.#read("state.json");
    return text === undefined ? undefined : this.#parse("state.json", () => savedState.parse(JSON.parse(text)));
  }

  /** The connections of a port as they were saved last; undefined if they never were. @throws KestrelError as above */
  async loadFlows(port: string): Promise<PortSnapshot | undefined> {
    const name = flowsFile(port);
    const text = await this.#read(name);
    if (text === undefined) return undefined;
    return this.#parse(name, () => {
      const snapshot = JSON.parse(text) as Omit<PortSnapshot, "version"> & { readonly version: unknown };
      const { version } = snapshot;
      if (version !== 1) throw new Error(`expected version 1, found ${String(version)}`);
      return { ...snapshot, version };
    });
  }

  /** Save what `state` returns when its turn comes: of many calls meanwhile one write comes. */
  saveState(state: () => SavedState): Promise<void> {
    this.#pending ??= this.#queue(() => {
      this.#pending = undefined;
      return this.#write("state.json", `${JSON.stringify(state(), undefined, 2)}\n`);
    });
    return this.#pending;
  }

  saveFlows(port: string, snapshot: PortSnapshot): Promise<void> {
    return this.#queue(() => this.#write(flowsFile(port), JSON.stringify(snapshot)));
  }

  /** A port is gone: its connections are too. */
  deleteFlows(port: string): Promise<void> {
    return this.#queue(() => rm(join(this.#directory, flowsFile(port)), { force: true }));
  }

  #queue(write: () => Promise<void>): Promise<void> {
    const written = this.#lastWrite.then(write);
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  async #read(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#directory, name), "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw this.#fault(name, error);
    }
  }

  #parse<T>(name: string, parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw this.#fault(name, error);
    }
  }

  async #write(name: string, text: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, name);
    const file = await open(`${path}.next`, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.next`, path);
    const directory = await open(this.#directory);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  #fault(name: string, cause: unknown): KestrelError {
    return new KestrelError(
      {
        kind: "input",
        step: "read what opted was told before",
        subject: join(this.#directory, name),
        found: cause instanceof Error ? cause.message : String(cause),
        hint: "repair the file, or remove it to begin without",
      },
      { cause },
    );
  }
}

function flowsFile(port: string): string {
  return `flows-${port}.json`;
}
