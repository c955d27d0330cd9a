import { EventEmitter } from "node:events";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { KestrelError } from "../error/kestrel-error.ts";

/** An asynchronous notice from QEMU: `STOP`, `RESUME`, `RESET`, `SHUTDOWN`, … (QEMU QMP Reference Manual, "Events"). */
export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface QmpReply {
  readonly QMP?: unknown;
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
  readonly data?: Record<string, unknown>;
}

interface PendingCommand {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface QmpEventMap {
  event: [QmpEvent];
  closed: [];
}

/**
 * A client of the QEMU Machine Protocol over one connected byte stream (QEMU docs/interop/qmp-spec).
 * Commands may be in flight at once; each is answered by its id. Emits `event` for QEMU's events and `closed` once.
 */
export class QmpClient extends EventEmitter<QmpEventMap> {
  readonly #stream: Duplex;
  readonly #machine: string;
  readonly #pending = new Map<number, PendingCommand>();
  readonly #greeted = Promise.withResolvers<undefined>();
  #nextId = 1;
  #open = true;

  /** @param machine - the name that errors use for this machine */
  constructor(stream: Duplex, machine: string) {
    super();
    this.setMaxListeners(0);
    this.#stream = stream;
    this.#machine = machine;
    this.#greeted.promise.catch(() => undefined);
    const lines = createInterface({ input: stream, crlfDelay: Infinity });
    lines.on("line", (line) => {
      this.#receive(line);
    });
    // The interface repeats the errors of its stream.
    for (const source of [stream, lines]) {
      source.on("error", () => {
        this.#close();
      });
    }
    stream.on("close", () => {
      this.#close();
    });
    stream.on("end", () => {
      this.#close();
    });
  }

  /** Whether QEMU has closed the connection. */
  get isClosed(): boolean {
    return !this.#open;
  }

  /** Wait for QEMU's greeting and leave capability negotiation; every other command is refused before. */
  async negotiate(): Promise<void> {
    await this.#greeted.promise;
    await this.execute("qmp_capabilities");
  }

  /**
   * Run one command.
   *
   * @throws KestrelError (internal) when QEMU refuses it or goes away before the answer
   */
  execute(command: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    if (!this.#open) return Promise.reject(this.#gone(command));
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { command, resolve, reject });
    this.#stream.write(`${JSON.stringify({ execute: command, arguments: parameters, id })}\n`);
    return promise;
  }

  /** Resolves with the next event that `matches`; rejects when QEMU goes away or the signal is aborted. */
  waitForEvent(matches: (event: QmpEvent) => boolean, signal?: AbortSignal): Promise<QmpEvent> {
    const { promise, resolve, reject } = Promise.withResolvers<QmpEvent>();
    const onEvent = (event: QmpEvent): void => {
      if (matches(event)) resolve(event);
    };
    const onClosed = (): void => {
      reject(this.#gone("wait for an event"));
    };
    const onAbort = (): void => {
      reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    this.on("event", onEvent);
    this.on("closed", onClosed);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (!this.#open) onClosed();
    if (signal?.aborted === true) onAbort();
    const settled = promise.finally(() => {
      this.off("event", onEvent);
      this.off("closed", onClosed);
      signal?.removeEventListener("abort", onAbort);
    });
    // Whoever waits may ask for the outcome later than it comes.
    settled.catch(() => undefined);
    return settled;
  }

  #receive(line: string): void {
    let reply: QmpReply;
    try {
      reply = JSON.parse(line) as QmpReply;
    } catch {
      return; // A QEMU that dies in the middle of a line: its exit is reported by the process, not here.
    }
    if (reply.QMP !== undefined) this.#greeted.resolve(undefined);
    else if (reply.event !== undefined) this.emit("event", { event: reply.event, data: reply.data ?? {} });
    else if (reply.id !== undefined) this.#settle(reply.id, reply);
  }

  #settle(id: number, reply: QmpReply): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    if (reply.error === undefined) {
      pending.resolve(reply.return);
      return;
    }
    pending.reject(
      new KestrelError({
        kind: "internal",
        step: `QEMU command ${pending.command}`,
        subject: this.#machine,
        found: `${reply.error.class}: ${reply.error.desc}`,
      }),
    );
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#greeted.reject(this.#gone("greeting"));
    for (const { command, reject } of this.#pending.values()) reject(this.#gone(command));
    this.#pending.clear();
    this.emit("closed");
  }

  #gone(command: string): KestrelError {
    return new KestrelError({
      kind: "internal",
      step: `QEMU command ${command}`,
      subject: this.#machine,
      expected: "an answer",
      found: "QEMU is gone",
    });
  }
}
