import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KestrelError } from "../../error/kestrel-error.ts";
import { bundleFiles, type TimelineEntry } from "./layout.ts";
import { redact, redactedJson } from "./redact.ts";

/** Writes the directory of a run. Every text passes {@link redact}. */
export class BundleWriter {
  /** Absolute. */
  readonly directory: string;
  readonly #timeline: WriteStream;
  readonly #entries: TimelineEntry[] = [];

  private constructor(directory: string) {
    this.directory = directory;
    this.#timeline = createWriteStream(join(directory, bundleFiles.timeline), { flags: "wx" });
    // A full disk is told by the files that are awaited.
    this.#timeline.on("error", () => undefined);
  }

  /** @throws KestrelError (input) when there is something already, or it cannot be made */
  static async create(directory: string): Promise<BundleWriter> {
    try {
      await mkdir(dirname(directory), { recursive: true });
      await mkdir(directory);
    } catch (cause) {
      const exists = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
      throw new KestrelError(
        {
          kind: "input",
          step: "make the bundle of the run",
          subject: directory,
          expected: "a directory that does not exist yet and can be made",
          found: exists ? "something there already" : cause instanceof Error ? cause.message : String(cause),
          hint: "name another: --bundle DIRECTORY",
        },
        { cause },
      );
    }
    return new BundleWriter(directory);
  }

  /** What has happened so far, in the order in which it became known. */
  get entries(): readonly TimelineEntry[] {
    return this.#entries;
  }

  note(entry: TimelineEntry): void {
    this.#entries.push(entry);
    this.#timeline.write(`${redactedJson(entry)}\n`);
  }

  /** Write a file, with the directories it is in. */
  async writeText(path: string, text: string): Promise<void> {
    await this.writeBytes(path, Buffer.from(redact(text)));
  }

  async writeJson(path: string, value: unknown): Promise<void> {
    await this.writeBytes(path, Buffer.from(`${redactedJson(value, 2)}\n`));
  }

  async writeBytes(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }

  /** Resolves when the timeline is on disk. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#timeline.end(() => {
        resolve();
      });
    });
  }
}

/** `2026-11-27T18-46-57-SEED`, a name for a run that sorts by time. */
export function runName(startedAt: Date, seed: string): string {
  const time = startedAt.toISOString().slice(0, 19).replaceAll(":", "-");
  return `${time}-${seed.replaceAll(/[^\w.-]/g, "_").slice(0, 40)}`;
}
