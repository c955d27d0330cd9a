import { join } from "node:path";
import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import {
  configurationChanges,
  type ConfigurationCommand,
  type ConfigurationLine,
  runningConfiguration,
} from "./engine/frr-configuration.ts";
import { VtyConnection, withoutSecrets } from "./vty-connection.ts";

/** After this time a daemon that is not there is looked for again. */
const retryMs = 500;

/** A daemon of FRR: connected for as long as it is there. */
export class FrrDaemon implements Disposable {
  readonly name: string;
  readonly #path: string;
  readonly #appeared: () => void;
  readonly #timer = new WakeTimer(() => void this.#connect());
  #connection: VtyConnection | undefined;
  #isDisposed = false;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** `appeared` is called when the daemon is there: at first, and each time it has started anew, without a configuration. */
  constructor(directory: string, name: string, appeared: () => void) {
    this.name = name;
    this.#path = join(directory, `${name}.vty`);
    this.#appeared = appeared;
    void this.#connect();
  }

  /** What a command of `show` prints. Rejects when the daemon is not there, or refuses it. */
  show(command: string): Promise<string> {
    return this.#there().run(command);
  }

  /**
   * Let the daemon have these lines, and no others of those that mgd says; returns what was changed, without keys.
   * Rejects when it is not there, refuses one, or does not have a line afterwards.
   */
  apply(wanted: readonly ConfigurationLine[]): Promise<readonly string[]> {
    const applied = this.#lastChange.then(() => this.#apply(wanted));
    this.#lastChange = applied.catch(() => undefined);
    return applied;
  }

  async #apply(wanted: readonly ConfigurationLine[]): Promise<readonly string[]> {
    const connection = this.#there();
    const present = async (): Promise<readonly ConfigurationLine[]> =>
      runningConfiguration(await connection.run("show running-config"));
    const changes = configurationChanges(wanted, await present());
    if (changes.length === 0) return [];
    try {
      for (const { context, command } of changes) {
        for (const line of ["configure terminal", ...context, command, "end"]) await connection.run(line);
      }
    } finally {
      // A refused command leaves its mode open.
      await connection.run("end").catch(() => undefined);
    }
    const left = configurationChanges(wanted, await present());
    if (left.length > 0) throw new Error(`has not become so: ${left.map(wordsOf).join("; ")}`);
    return changes.map(wordsOf);
  }

  #there(): VtyConnection {
    if (this.#connection === undefined) throw new Error("not running");
    return this.#connection;
  }

  async #connect(): Promise<void> {
    try {
      const connection = await VtyConnection.open(this.#path, () => {
        this.#connection = undefined;
        this.#again();
      });
      if (this.#isDisposed) {
        connection[Symbol.dispose]();
        return;
      }
      this.#connection = connection;
      this.#appeared();
    } catch {
      this.#again();
    }
  }

  #again(): void {
    if (!this.#isDisposed) this.#timer.set(monotonicMs() + retryMs);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#timer[Symbol.dispose]();
    this.#connection?.[Symbol.dispose]();
  }
}

function wordsOf({ context, command }: ConfigurationCommand): string {
  return withoutSecrets([...context, command].join(" / "));
}
