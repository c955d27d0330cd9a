import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { KestrelError } from "../../error/kestrel-error.ts";
import { isTunnelKey, type RouteKey, tunnelKey, tunnelOfKey, underlayKey } from "./engine/route-key.ts";

const content = z.object({
  instance: z.int().min(0),
  originated: z.array(z.string()),
  tunnelOriginated: z.array(
    z.object({ overlayPrefix: z.string(), boundaryAddress: z.string(), vni: z.int(), metric: z.int() }),
  ),
});

/** What lasts: the originated set, and the number of the router's last start. */
export interface DdmState {
  readonly instance: number;
  readonly originated: readonly RouteKey[];
}

/** `ddm.json` in the data directory. It is replaced as a whole, so a power cut leaves the old or the new one. */
export class DdmStore {
  readonly #directory: string;
  #lastSave: Promise<unknown> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  get #file(): string {
    return join(this.#directory, "ddm.json");
  }

  /**
   * The state as it was saved last, empty if it never was.
   *
   * @throws KestrelError if there is a file that is none: it is left as it is
   */
  async load(): Promise<DdmState> {
    let text: string;
    try {
      text = await readFile(this.#file, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return { instance: 0, originated: [] };
      throw this.#fault(error);
    }
    try {
      const { instance, originated, tunnelOriginated } = content.parse(JSON.parse(text));
      const keys = [...originated.map(underlayKey), ...tunnelOriginated.map(tunnelKey)];
      return { instance, originated: keys.filter((key) => key !== undefined) };
    } catch (error) {
      throw this.#fault(error);
    }
  }

  /** Save a state; of several calls the last one's stays. */
  save({ instance, originated }: DdmState): Promise<void> {
    const text = JSON.stringify(
      {
        instance,
        originated: originated.filter((key) => !isTunnelKey(key)),
        tunnelOriginated: originated.filter(isTunnelKey).map(tunnelOfKey),
      },
      undefined,
      2,
    );
    const saved = this.#lastSave.then(() => this.#write(`${text}\n`));
    this.#lastSave = saved.catch(() => undefined);
    return saved;
  }

  async #write(text: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const next = `${this.#file}.next`;
    const file = await open(next, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, this.#file);
    const directory = await open(this.#directory);
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  #fault(cause: unknown): KestrelError {
    return new KestrelError(
      {
        kind: "input",
        step: "read what ddmd originated before",
        subject: this.#file,
        found: cause instanceof Error ? cause.message : String(cause),
        hint: "repair the file, or remove it to begin with nothing but the configuration",
      },
      { cause },
    );
  }
}
