import { setTimeout as pause } from "node:timers/promises";
import { ThriftClient } from "../../../p4/switch/index.ts";
import { type DaemonLog, OnceLog } from "../../daemon/log.ts";
import { type HeldRows, rowDifference } from "../engine/row-difference.ts";
import type { RowChange, RowStore } from "../engine/row-store.ts";
import type { Row, TableName } from "../engine/tables.ts";
import { type FaultInjection, HeldTables } from "./held-tables.ts";
import { SwitchFault } from "./switch-fault.ts";

/** Between two attempts to reach a switch that is away. */
const reconnectMs = 100;
/** A switch that answers no later than this is as good as gone. */
const answerMs = 10_000;
/** What each of many operations, or rows that are read, may take on top of it. */
const operationMs = 10;

/** How the driver works. */
export interface DriverOptions {
  readonly address: { readonly host: string; readonly port: number };
  /** What the switch shall hold. */
  readonly wanted: RowStore;
  readonly log: DaemonLog;
  /** Called once, with what the switch held when it was first reached. */
  readonly adopt?: (held: HeldRows) => void;
  readonly inject?: FaultInjection;
}

/** What the driver knows of the switch. */
export interface DriverState {
  readonly connected: boolean;
  /** Times that the switch was brought from whatever it held to what it shall hold. */
  readonly resyncs: number;
  /** Operations of the last of them. */
  readonly resyncOperations: number;
  /** Why the switch is away, or was the last time. */
  readonly lastFault: string | undefined;
}

/** A connection on which the switch holds what it shall. */
interface Session {
  readonly client: ThriftClient;
  readonly tables: HeldTables;
}

/**
 * Keeps the tables of a switch, reached over BMv2's run-time interface, equal to what they shall hold. Whenever a connection
 * is made the two are compared in full, so it does not matter what the switch went through.
 */
export class SwitchDriver implements AsyncDisposable {
  readonly #options: DriverOptions;
  readonly #once: OnceLog;
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  #turn: Promise<unknown> = Promise.resolve();
  #session: Session | undefined;
  #resyncs = 0;
  #resyncOperations = 0;
  #lastFault: string | undefined;
  #nextSync = Promise.withResolvers<undefined>();

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#once = new OnceLog(options.log);
    this.#running = this.#run();
  }

  get state(): DriverState {
    return {
      connected: this.#session !== undefined,
      resyncs: this.#resyncs,
      resyncOperations: this.#resyncOperations,
      lastFault: this.#lastFault,
    };
  }

  /** Fulfilled when the switch holds what it shall, for the next time if it is away now. */
  get synced(): Promise<unknown> {
    return this.#session === undefined ? this.#nextSync.promise : Promise.resolve();
  }

  /** Do something while nobody else changes the switch or what it shall hold. First come, first served. */
  exclusive<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Fulfilled when all that was asked for so far is done. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  /**
   * Do operations that were made to what the switch shall hold; within {@link exclusive}. While the switch is away, and
   * when it goes away meanwhile, there is nothing to do: it will be brought to what it shall hold anyway.
   *
   * @throws SwitchFault when they were not done, and what it shall hold has to be put back
   */
  async apply(changes: readonly RowChange[]): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    try {
      await within(session.client, session.tables.apply(changes, this.#options.inject), changes.length);
    } catch (error) {
      if (error instanceof SwitchFault) {
        // The switch holds something else than it was thought to.
        if (error.kind !== "injected") this.#giveUp(session, error);
        throw error;
      }
      this.#giveUp(session, error);
    }
  }

  /** Rows of a table as the switch holds them; undefined while it is away. */
  async read(table: TableName): Promise<readonly Row[] | undefined> {
    const session = this.#session;
    if (session === undefined) return undefined;
    return this.ask((client) => new HeldTables(client).read(table));
  }

  /** Ask the switch for something; undefined while it is away. */
  async ask<T>(question: (client: ThriftClient) => Promise<T>): Promise<T | undefined> {
    const session = this.#session;
    if (session === undefined) return undefined;
    try {
      return await within(session.client, question(session.client));
    } catch (error) {
      this.#giveUp(session, error);
      return undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    this.#session?.client[Symbol.dispose]();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const client = await this.#connect();
      if (client === undefined) {
        await pause(reconnectMs, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const cut = (): void => {
        client[Symbol.dispose]();
      };
      signal.addEventListener("abort", cut);
      const isInSync = await this.exclusive(() => this.#resync(client));
      if (isInSync) {
        const reason = await client.closed;
        this.#session = undefined;
        this.#lastFault ??= reason.message;
        if (!this.#stopped.signal.aborted) this.#options.log.warn({ reason: this.#lastFault }, "the switch is away");
      } else {
        client[Symbol.dispose]();
        await pause(reconnectMs, undefined, { signal }).catch(() => undefined);
      }
      signal.removeEventListener("abort", cut);
    }
  }

  async #connect(): Promise<ThriftClient | undefined> {
    const { host, port } = this.#options.address;
    try {
      return await ThriftClient.connect(port, host);
    } catch (error) {
      this.#lastFault = messageOf(error);
      this.#once.warn("connect", `the switch at ${host}:${port} cannot be reached: ${this.#lastFault}`);
      return undefined;
    }
  }

  async #resync(client: ThriftClient): Promise<boolean> {
    const tables = new HeldTables(client);
    try {
      const count = await within(client, tables.count());
      const held: HeldRows = await within(client, tables.readAll(), count);
      if (this.#resyncs === 0) this.#options.adopt?.(held);
      const changes = rowDifference(held, this.#options.wanted);
      await within(client, tables.apply(changes), changes.length);
      this.#resyncOperations = changes.length;
    } catch (error) {
      this.#lastFault = messageOf(error);
      this.#once.warn("resync", `the switch does not take what it shall hold: ${this.#lastFault}`);
      return false;
    }
    this.#resyncs += 1;
    this.#lastFault = undefined;
    this.#session = { client, tables };
    this.#nextSync.resolve(undefined);
    this.#nextSync = Promise.withResolvers<undefined>();
    this.#options.log.info({ operations: this.#resyncOperations }, "the switch holds what it shall");
    return true;
  }

  /** The connection is of no use; what comes next is a new one, and all over again. */
  #giveUp(session: Session, error: unknown): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#lastFault = messageOf(error);
    session.client[Symbol.dispose]();
  }
}

/** Cuts the connection when an answer does not come. */
async function within<T>(client: ThriftClient, answer: Promise<T>, operations = 0): Promise<T> {
  const timer = setTimeout(
    () => {
      client[Symbol.dispose]();
    },
    answerMs + operations * operationMs,
  );
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
