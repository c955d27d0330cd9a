import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { KestrelError } from "../../error/kestrel-error.ts";

/** What nexus said last, in the data directory. It is replaced as a whole, so a power cut leaves the old or the new one. */
export class DesiredStateFile<Schema extends z.ZodType> {
  readonly #directory: string;
  readonly #schema: Schema;
  #lastSave: Promise<unknown> = Promise.resolve();

  constructor(directory: string, schema: Schema) {
    this.#directory = directory;
    this.#schema = schema;
  }

  get #file(): string {
    return join(this.#directory, "desired-state.json");
  }

  /** Undefined if nothing was ever said. @throws KestrelError if there is a file that is none: it is left as it is */
  async load(): Promise<z.output<Schema> | undefined> {
    try {
      return this.#schema.parse(JSON.parse(await readFile(this.#file, "utf8")));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw new KestrelError(
        {
          kind: "input",
          step: "read what nexus said last",
          subject: this.#file,
          expected: "a desired state",
          found: error instanceof Error ? error.message : String(error),
          hint: "remove the file: nexus says it again",
        },
        { cause: error },
      );
    }
  }

  /** Resolves when it is on the disk; of several calls the last one's stays. */
  save(state: z.output<Schema>): Promise<void> {
    const saved = this.#lastSave.then(() => this.#write(JSON.stringify(state)));
    this.#lastSave = saved.catch(() => undefined);
    return saved;
  }

  async #write(text: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const next = `${this.#file}.next`;
    {
      await using file = await open(next, "w", 0o600);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(next, this.#file);
  }
}
