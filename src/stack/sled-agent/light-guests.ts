import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { GuestNic, LightGuest } from "./engine/light-guest.ts";

const run = promisify(execFile);
/** For a machine that is emulated and busy. */
const deadlineMs = 60_000;

/** Where the guests are, and the program that they are. */
export interface LightGuestPlace {
  readonly directory: string;
  readonly program: string;
}

/**
 * The light guests of this sled. Each is two processes of instance-init that go on without this one: its keeper answers at
 * `DIRECTORY/KEY/control`, and the end of a connection to it is the end of the guest.
 */
export class LightGuests implements Disposable {
  readonly #place: LightGuestPlace;
  readonly #ended: (key: string) => void;
  readonly #keepers = new Map<string, Socket>();

  /** `ended` is called with the key of a guest that is gone. */
  constructor(place: LightGuestPlace, ended: (key: string) => void) {
    this.#place = place;
    this.#ended = ended;
  }

  /** The keys of those that run; what is left of others is put away. */
  async find(): Promise<readonly string[]> {
    const { directory, program } = this.#place;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const running: string[] = [];
    for (const key of await readdir(directory)) {
      if (await this.#attend(key)) running.push(key);
      else await run(program, ["remove", join(directory, key), key], { timeout: deadlineMs });
    }
    return running;
  }

  /** Start one; resolves when it runs. Rejects with what instance-init said. */
  async start({ key, hostname, nics }: LightGuest): Promise<void> {
    const { directory, program } = this.#place;
    try {
      await run(program, ["run", join(directory, key), key, hostname, ...nics.map(nicArgument)], {
        timeout: deadlineMs,
      });
    } catch (error) {
      const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
      throw said === "" ? error : new Error(said, { cause: error });
    }
    if (!(await this.#attend(key))) throw new Error("it ended at once");
  }

  /** Have one end; it is told of when it has. */
  stop(key: string): void {
    this.#keepers.get(key)?.write("stop\n");
  }

  /** They go on. */
  [Symbol.dispose](): void {
    for (const keeper of this.#keepers.values()) keeper.removeAllListeners("close").destroy();
    this.#keepers.clear();
  }

  /** Be told of the end of a guest; false if it does not run. */
  async #attend(key: string): Promise<boolean> {
    const keeper = connect(join(this.#place.directory, key, "control"));
    if (!(await speaks(keeper))) {
      keeper.destroy();
      return false;
    }
    keeper.on("error", () => undefined);
    keeper.once("close", () => {
      this.#keepers.delete(key);
      this.#ended(key);
    });
    keeper.resume();
    this.#keepers.set(key, keeper);
    return true;
  }
}

/** Whether a keeper says its first words: the kernel accepts connections even to one that is about to end. */
function speaks(keeper: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  keeper.once("data", () => {
    resolve(true);
  });
  for (const event of ["error", "close"] as const) {
    keeper.once(event, () => {
      resolve(false);
    });
  }
  return promise;
}

function nicArgument({ name, mac, has4, has6 }: GuestNic): string {
  return `${name},${mac},${has4 ? "4" : ""}${has6 ? "6" : ""}`;
}
