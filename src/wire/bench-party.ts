import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { KestrelError } from "../error/kestrel-error.ts";
import { modulePath } from "../host/index.ts";

/** A step of a bench that takes longer has failed, milliseconds. */
export const stepDeadlineMilliseconds = 60_000;

/** What a party does; sockets are below its working directory. */
export interface PartyOptions {
  readonly from?: string;
  readonly to?: string;
  readonly frames?: number;
  readonly frameBytes?: number;
  /** The frame to be sent; bytes without meaning unless given. */
  readonly frame?: Uint8Array;
  /** Frames a second; as fast as it goes unless given. */
  readonly rate?: number;
}

/** A process of the bench; it ends when its IPC channel does, so also when the bench dies. */
export class Party {
  readonly #role: string;
  readonly #process: ChildProcess;

  constructor(role: "send" | "receive" | "blind", cwd: string, options: PartyOptions) {
    const main = modulePath(import.meta.url, "./bench-peer");
    const { from = "", to = "", frames = 0, frame, frameBytes = frame?.length ?? 0, rate } = options;
    const flags = ["--from", from, "--to", to, "--frames", String(frames), "--frame-bytes", String(frameBytes)];
    if (frame !== undefined) flags.push("--frame", Buffer.from(frame).toString("hex"));
    if (rate !== undefined) flags.push("--rate", String(rate));
    this.#role = role;
    this.#process = fork(main, [role, ...flags], { cwd, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  }

  tell(message: object): void {
    this.#process.send(message);
  }

  /** The next message, whatever it is; `what` is it in words. */
  async next(what: string): Promise<unknown> {
    const signal = AbortSignal.timeout(stepDeadlineMilliseconds);
    try {
      const [message] = (await once(this.#process, "message", { signal })) as [unknown];
      return message;
    } catch (cause) {
      throw stalled(`the ${this.#role} party`, what, cause);
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const closed = once(this.#process, "close");
    this.#process.kill("SIGKILL");
    await closed;
  }
}

/** The error of a party that does not get on. */
export function stalled(who: string, what: string, cause?: unknown): KestrelError {
  return new KestrelError(
    {
      kind: "internal",
      step: "bench wire",
      subject: who,
      expected: `${what} within ${stepDeadlineMilliseconds / 1000} s`,
      found: "nothing",
    },
    { cause },
  );
}
