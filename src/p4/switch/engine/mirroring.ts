import { ControlError } from "../state/control-error.ts";

/** Where copies of a clone session go: to a port, to a multicast group, to both or nowhere. */
export interface MirroringSession {
  readonly port?: number | undefined;
  readonly group?: number | undefined;
}

const largestSession = 32_767;

/** Clone sessions by number. */
export class Mirroring {
  readonly #sessions = new Map<number, MirroringSession>();

  /** Replaces a session of the same number; a number that cannot be a session's is not kept. Returns whether it was. */
  set(id: number, session: MirroringSession): boolean {
    if (!Number.isInteger(id) || id < 0 || id > largestSession) return false;
    this.#sessions.set(id, session);
    return true;
  }

  find(id: number): MirroringSession | undefined {
    return this.#sessions.get(id);
  }

  /** Throws SESSION_NOT_FOUND. */
  get(id: number): MirroringSession {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new ControlError("mirroring", "SESSION_NOT_FOUND");
    return session;
  }

  /** Throws SESSION_NOT_FOUND. */
  delete(id: number): void {
    if (!this.#sessions.delete(id)) throw new ControlError("mirroring", "SESSION_NOT_FOUND");
  }
}
