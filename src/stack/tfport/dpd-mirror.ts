import { type DaemonLog, OnceLog } from "../daemon/log.ts";
import { type DpdClient, DpdRefusal } from "./dpd-client.ts";
import type { NeighbourMirror } from "./engine/neighbour-mirror.ts";

/** Tells dpd what a {@link NeighbourMirror} says, one thing at a time. */
export class DpdMirror {
  readonly #client: DpdClient;
  readonly #mirror: NeighbourMirror;
  readonly #log: DaemonLog;
  readonly #once: OnceLog;
  #telling: Promise<void> | undefined;
  /** What dpd has is not known: it has just started, could not be reached, or refused something. */
  #unknown = true;

  constructor(client: DpdClient, mirror: NeighbourMirror, log: DaemonLog) {
    this.#client = client;
    this.#mirror = mirror;
    this.#log = log;
    this.#once = new OnceLog(log);
  }

  /** Something may have changed. */
  tell(): void {
    if (this.#unknown || this.#telling !== undefined || !this.#mirror.isDirty) return;
    this.#telling = this.#tellAll().finally(() => {
      this.#telling = undefined;
      this.tell();
    });
  }

  /** What dpd has is not to be trusted until {@link compare}. */
  forget(): void {
    this.#unknown = true;
  }

  /** Whether {@link compare} is due. */
  get isUnknown(): boolean {
    return this.#unknown;
  }

  /** Read all of dpd's neighbours and tell it what differs. Rejects when dpd cannot be reached. */
  async compare(): Promise<void> {
    this.#unknown = true;
    await this.#telling;
    this.#mirror.installedAre(await this.#client.neighbours());
    this.#unknown = false;
    this.tell();
  }

  /** Resolves when nothing is being told. */
  async settle(): Promise<void> {
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    for (;;) {
      const operation = this.#unknown ? undefined : this.#mirror.next();
      if (operation === undefined) return;
      try {
        await this.#client.apply(operation);
        this.#mirror.done(operation);
      } catch (error) {
        if (error instanceof DpdRefusal) {
          this.#mirror.refused(operation);
          this.#once.warn(`neighbour refused ${error.status}`, error.message);
        } else {
          this.#unknown = true;
          this.#log.warn({ reason: String(error) }, "dpd cannot be told of a neighbour");
        }
      }
    }
  }
}
