import { WakeTimer, monotonicMs } from "../daemon/clock.ts";
import { ChangeSignal } from "../daemon/held-answer.ts";
import { type DaemonLog, OnceLog } from "../daemon/log.ts";
import { requestApi } from "../daemon/request.ts";
import { ddmExchangePort } from "../../packet/index.ts";
import { Engine } from "./engine/engine.ts";
import type { Input, Output } from "./engine/input-output.ts";
import type { RouteKey } from "./engine/route-key.ts";
import type { EngineSettings } from "./engine/settings.ts";
import type { ExchangeAnswer, ReceivedExchange } from "./exchange-api.ts";
import type { ForwardingProgrammer } from "./forwarding/programmer.ts";
import type { DelayWeights } from "./delay-weights.ts";
import { InterfacePort } from "./interface-port.ts";
import { type InterfaceState, InterfaceWatch } from "./interface-watch.ts";
import type { DdmStore } from "./store.ts";
import { zoneOf } from "./zone.ts";

/** What a daemon is made of. */
export interface DdmDaemonParts {
  readonly settings: EngineSettings;
  readonly interfaces: readonly string[];
  readonly forwarding: ForwardingProgrammer;
  /** Measures the paths of routes; undefined where they share evenly. */
  readonly weights?: DelayWeights | undefined;
  readonly store: DdmStore;
  readonly log: DaemonLog;
}

/** The engine with its sockets, timer, forwarding table and file: does what the engine says, and tells it what happens. */
export class DdmDaemon implements AsyncDisposable {
  readonly engine: Engine;
  /** Says when prefixes, own or others', may be different. */
  readonly changes = new ChangeSignal();
  readonly #parts: DdmDaemonParts;
  readonly #once: OnceLog;
  readonly #ports: ReadonlyMap<string, InterfacePort>;
  readonly #watch: InterfaceWatch;
  readonly #timer: WakeTimer;
  readonly #replies = new Map<number, (answer: ExchangeAnswer) => void>();
  #exchanges = 0;
  #saved: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(parts: DdmDaemonParts) {
    this.#parts = parts;
    this.engine = new Engine(parts.settings);
    this.#once = new OnceLog(parts.log);
    this.#timer = new WakeTimer(() => {
      this.handle({ kind: "wake" });
    });
    parts.forwarding.whenProgrammed((destinations) => {
      this.handle({ kind: "programmed", destinations });
    });
    this.#ports = new Map(parts.interfaces.map((name) => [name, this.#portOf(name)]));
    this.#watch = new InterfaceWatch(parts.interfaces, (state) => {
      this.#interfaceChanged(state);
    });
  }

  /** What is known of the paths of destinations that have several; undefined where they share evenly. */
  paths(): ReturnType<DelayWeights["status"]> | undefined {
    return this.#parts.weights?.status();
  }

  /** Begin to look for neighbours, once it is known what an earlier run left in the forwarding table. */
  async start(): Promise<void> {
    this.handle({ kind: "found", links: [...(await this.#parts.forwarding.found)] });
    await this.#watch.start();
  }

  /** Originate or withdraw; resolves when it is on the disk. */
  async change(kind: "originate" | "withdraw", keys: readonly RouteKey[]): Promise<void> {
    this.handle({ kind, keys });
    await this.#saved;
  }

  /** Tell the engine of something, and do what it wants. */
  handle(input: Input): void {
    if (this.#ended) return;
    const now = monotonicMs();
    const outputs = this.engine.handle(input, now);
    for (const output of outputs) this.#do(output);
    // Nearly all that happens is that a neighbour is heard again.
    if (input.kind !== "datagram" && input.kind !== "wake") this.changes.changed();
    else if (outputs.some(({ kind }) => kind === "routes")) this.changes.changed();
    const wakeAt = this.engine.wakeAt();
    this.#timer.set(Number.isFinite(wakeAt) ? wakeAt : undefined);
  }

  #do(output: Output): void {
    switch (output.kind) {
      case "solicit":
        this.#ports.get(output.link)?.solicit(output.bytes);
        return;
      case "advertise":
        this.#ports.get(output.link)?.advertise(output.to, output.bytes);
        return;
      case "request":
        void this.#request(output);
        return;
      case "reply":
        this.#replies.get(output.id)?.(output);
        this.#replies.delete(output.id);
        return;
      case "routes":
        this.#parts.forwarding.apply(output.changes);
        this.#parts.weights?.routesChanged();
        return;
      case "settled":
        this.#parts.forwarding.settle(output.link);
        this.#parts.weights?.routesChanged();
        return;
      case "persist":
        this.#save();
        return;
      case "log":
        if (output.once !== undefined) this.#once.warn(output.once, output.message);
        else this.#parts.log[output.level](output.message);
    }
  }

  async #request(output: Extract<Output, { kind: "request" }>): Promise<void> {
    const { link, id, to, method, path, headers, body, timeoutMs } = output;
    try {
      const target = { host: `${to}%${zoneOf(link)}`, port: ddmExchangePort };
      const answer = await requestApi(target, { method, path, text: body, headers, timeoutMs });
      this.handle({ kind: "answer", link, id, ...answer });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.handle({ kind: "no-answer", link, id, reason, refused: isRefusal(error) });
    }
  }

  #save(): void {
    const originated = Array.from(this.engine.router.rib.entries())
      .filter((entry) => entry.originated)
      .map(({ key }) => key);
    this.#saved = this.#parts.store.save({ instance: this.#parts.settings.instance, originated });
    this.#saved.catch((error: unknown) => {
      this.#parts.log.error(`the originated prefixes could not be saved: ${String(error)}`);
    });
  }

  #portOf(link: string): InterfacePort {
    return new InterfacePort(link, {
      usable: (address, index) => {
        this.handle({ kind: "interface", link, index, address, up: address !== undefined });
      },
      datagram: (from, bytes, group) => {
        this.handle({ kind: "datagram", link, from, bytes, group });
      },
      notSent: (reason) => {
        this.handle({ kind: "not-sent", link, reason });
      },
      exchange: (request) => this.#answer(link, request),
      refused: (status, message) => {
        this.handle({ kind: "refused", link, reason: `${status}: ${message}` });
      },
      notOpened: (reason) => {
        this.#once.warn(`open ${link}`, `${link}: the sockets cannot be opened yet: ${reason}`);
      },
    });
  }

  #answer(link: string, request: ReceivedExchange): Promise<ExchangeAnswer> {
    this.#exchanges += 1;
    const id = this.#exchanges;
    const { promise, resolve } = Promise.withResolvers<ExchangeAnswer>();
    this.#replies.set(id, resolve);
    this.handle({ kind: "exchange", link, id, ...request });
    return promise;
  }

  #interfaceChanged(state: InterfaceState): void {
    const port = this.#ports.get(state.name);
    if (port === undefined) return;
    port.update(state);
    // With a carrier the kernel drops nexthop objects, and says nothing.
    this.#parts.forwarding.reconcile();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#timer[Symbol.dispose]();
    await this.#watch[Symbol.asyncDispose]();
    for (const resolve of this.#replies.values()) resolve({ status: 503, headers: {}, body: "" });
    await Promise.all(Array.from(this.#ports.values(), (port) => port[Symbol.asyncDispose]()));
    await this.#parts.forwarding[Symbol.asyncDispose]();
    await this.#saved.catch(() => undefined);
  }
}

/** Whether nobody listens where a connection was made to, and its machine says so. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === "ECONNREFUSED") || isRefusal(error.cause);
}
