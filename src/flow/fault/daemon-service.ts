import { closest } from "fastest-levenshtein";
import { KestrelError } from "../../error/kestrel-error.ts";
import type { FlowNode } from "../flow-node.ts";
import type { DaemonControl } from "./daemon-breaker.ts";

/** A daemon that the node keeps as a service. */
export class DaemonService implements DaemonControl {
  readonly #node: FlowNode;
  readonly #name: string;
  #frozenPid: number | undefined;
  #found = false;

  constructor(node: FlowNode, name: string) {
    this.#node = node;
    this.#name = name;
  }

  async kill(): Promise<void> {
    await this.#signal("KILL", await this.#runningPid());
  }

  async stop(): Promise<void> {
    await this.#runningPid();
    await (await this.#node.guest()).services.stop(this.#name);
  }

  async freeze(): Promise<void> {
    this.#frozenPid = await this.#runningPid();
    await this.#signal("STOP", this.#frozenPid);
  }

  async thaw(): Promise<void> {
    // One that has ended meanwhile is not frozen any more.
    if (this.#frozenPid !== undefined) await this.#node.ask(`kill -CONT ${this.#frozenPid} || true`);
  }

  async ensureRunning(): Promise<void> {
    // What could not be found was not broken.
    if (!this.#found || (await this.#status()).state === "running") return;
    await (await this.#node.guest()).services.restart(this.#name);
  }

  async #signal(signal: string, pid: number): Promise<void> {
    await this.#node.ask(["kill", `-${signal}`, String(pid)]);
  }

  async #runningPid(): Promise<number> {
    const { state, pid } = await this.#status();
    this.#found = true;
    if (pid !== null) return pid;
    throw this.#fault("a service that runs", `one that is ${state}`);
  }

  async #status() {
    const services = await (await this.#node.guest()).services.list();
    const service = services.find(({ name }) => name === this.#name);
    if (service !== undefined) return service;
    const names = services.map(({ name }) => name);
    throw this.#fault(
      names.length === 0 ? "a service that was started" : `one of ${names.join(", ")}`,
      "none of that name",
      names.length === 0
        ? "name a process of the node instead"
        : `did you mean ${JSON.stringify(closest(this.#name, names))}?`,
    );
  }

  #fault(expected: string, found: string, hint?: string): KestrelError {
    const subject = `service ${this.#name} of ${this.#node.name}`;
    return new KestrelError({ kind: "input", step: "break a daemon", subject, expected, found, hint });
  }
}
