import { Engine } from "../../../src/stack/ddm/engine/engine.ts";
import { ForwardingPlan } from "../../../src/stack/ddm/engine/forwarding-plan.ts";
import type { Headers, Input, NextHop, Output } from "../../../src/stack/ddm/engine/input-output.ts";
import type { RouteKey } from "../../../src/stack/ddm/engine/route-key.ts";
import { defaultTimers } from "../../../src/stack/ddm/engine/settings.ts";
import { originatedKeys } from "../../../src/stack/ddm/engine/view.ts";
import { randomSource } from "../../../src/stack/daemon/random.ts";
import { Cabling, type End } from "./cabling.ts";
import { EventQueue } from "./event-queue.ts";
import type { Impairment, RouterOptions, SimulatedRouter } from "./simulated-router.ts";

/** Routers whose engines are connected by wires of a virtual time: bytes and bodies are those that would be sent. */
export class SimulatedNetwork {
  now = 0;
  impairment: Impairment = { loss: 0, delayMs: 5 };
  /** How long a forwarding table takes for what it is asked for. */
  programmingMs = 2;
  /** Bytes of every body that was pushed. */
  readonly pushed: number[] = [];
  readonly requests: Extract<Output, { kind: "request" }>[] = [];
  readonly logs: string[] = [];
  readonly #nodes = new Map<string, SimulatedRouter>();
  readonly #cabling = new Cabling();
  readonly #events = new EventQueue();
  readonly #random;
  #starts = 0;

  constructor(seed = "0") {
    this.#random = randomSource(seed, "simulated network");
  }

  router(name: string, options: RouterOptions, originate: readonly RouteKey[] = []): void {
    const node: SimulatedRouter = {
      name,
      options,
      links: [],
      addresses: new Map(),
      engine: undefined,
      isKilled: false,
      plan: new ForwardingPlan(),
      persisted: originate,
      fib: new Map(),
    };
    this.#nodes.set(name, node);
    this.start(name);
  }

  /** A cable between two routers; an interface at each end. */
  wire(a: string, b: string): void {
    const ends = [a, b].map((router): End => {
      const node = this.#node(router);
      const link = `if${node.links.length}`;
      node.links.push(link);
      node.addresses.set(
        link,
        `fe80::${(this.#nodes.size * 100 + this.#cabling.size * 2 + (router === a ? 0 : 1)).toString(16)}`,
      );
      return { router, link };
    }) as [End, End];
    this.#cabling.add(ends);
    for (const end of ends) this.#carrier(end, true);
  }

  start(name: string): void {
    const node = this.#node(name);
    this.#starts += 1;
    const { kind } = node.options;
    node.plan = new ForwardingPlan();
    node.engine = new Engine({
      hostname: name,
      sitePrefixes: [],
      boundaryAcrossRacks: false,
      timers: defaultTimers,
      instance: this.#starts,
      ...node.options,
      kind,
      routerId: name,
      random: randomSource(name, "engine"),
    });
    this.input(name, { kind: "originate", keys: node.persisted });
    this.input(name, { kind: "found", links: [...node.plan.adopt(node.fib)] });
    for (const link of node.links) this.#carrier({ router: name, link }, true);
  }

  /** The router ends without a word; what it originated is on its disk. */
  stop(name: string): void {
    const node = this.#node(name);
    node.engine = undefined;
    node.isKilled = false;
    node.fib.clear();
  }

  /** The daemon ends without a word; the machine goes on forwarding. */
  kill(name: string): void {
    this.#node(name).engine = undefined;
    this.#node(name).isKilled = true;
  }

  /** What a router that is stopped will originate when it starts, less these. */
  forgetOnDisk(name: string, ...keys: readonly RouteKey[]): void {
    const node = this.#node(name);
    node.persisted = node.persisted.filter((key) => !keys.includes(key));
  }

  engine(name: string): Engine {
    const { engine } = this.#node(name);
    if (engine === undefined) throw new Error(`${name} is stopped`);
    return engine;
  }

  runs(name: string): boolean {
    return this.#node(name).engine !== undefined;
  }

  /** What the router's forwarding table holds. */
  fib(name: string): ReadonlyMap<string, readonly NextHop[]> {
    return this.#node(name).fib;
  }

  originate(name: string, ...keys: readonly RouteKey[]): void {
    this.input(name, { kind: "originate", keys });
  }

  withdraw(name: string, ...keys: readonly RouteKey[]): void {
    this.input(name, { kind: "withdraw", keys });
  }

  /** The cable between two routers swallows everything (or no longer). */
  cut(a: string, b: string, cut = true): void {
    this.#cabling.between(a, b).cut = cut;
  }

  /** Both ends of the cable lose their carrier, or have it again. */
  unplug(a: string, b: string, unplugged = true): void {
    const wire = this.#cabling.between(a, b);
    wire.cut = unplugged;
    for (const end of wire.ends) this.#carrier(end, !unplugged);
  }

  /** The router has another link-local address on the cable to `b`. */
  renumber(a: string, b: string, address: string): void {
    const end = this.#cabling.between(a, b).ends.find(({ router }) => router === a);
    if (end === undefined) throw new Error(`no wire at ${a}`);
    this.#node(a).addresses.set(end.link, address);
    this.#carrier(end, true);
  }

  input(name: string, input: Input): void {
    const node = this.#node(name);
    if (node.engine === undefined) return;
    this.#do(node, node.engine.handle(input, this.now));
  }

  /** Let time pass. */
  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      const wake = this.#nextWake();
      const event = this.#events.first;
      const at = Math.min(wake.at, event?.at ?? Number.POSITIVE_INFINITY);
      if (at > end) break;
      this.now = Math.max(this.now, at);
      if (event !== undefined && event.at <= wake.at) {
        this.#events.shift();
        event.act();
      } else {
        this.input(wake.name, { kind: "wake" });
      }
    }
    this.now = end;
  }

  /** Let time pass until something is so; throws if it is not within the limit. */
  until(what: string, fact: () => boolean, limitMs: number): number {
    const begin = this.now;
    while (!fact()) {
      if (this.now - begin >= limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
      this.run(10);
    }
    return this.now - begin;
  }

  #nextWake(): { readonly at: number; readonly name: string } {
    let next = { at: Number.POSITIVE_INFINITY, name: "" };
    for (const { name, engine } of this.#nodes.values()) {
      const at = engine?.wakeAt() ?? Number.POSITIVE_INFINITY;
      if (at < next.at) next = { at, name };
    }
    return next;
  }

  #do(node: SimulatedRouter, outputs: readonly Output[]): void {
    for (const output of outputs) {
      switch (output.kind) {
        case "solicit":
        case "advertise":
          this.#datagram(node, output);
          break;
        case "request":
          this.requests.push(output);
          this.#request(node, output);
          break;
        case "routes":
          for (const change of output.changes) node.plan.want(change);
          this.#program(node);
          break;
        case "settled":
          node.plan.settle(output.link);
          this.#program(node);
          break;
        case "persist":
          if (node.engine !== undefined) node.persisted = originatedKeys(node.engine);
          break;
        case "log":
          this.logs.push(`${node.name}: ${output.message}`);
          break;
        case "reply":
          throw new Error("a reply without its request");
      }
    }
  }

  /** After a while the table is as it was asked to be, and the engine is told. */
  #program(node: SimulatedRouter): void {
    const { engine, plan } = node;
    this.#after(this.programmingMs, () => {
      if (node.engine !== engine) return;
      const changes = plan.next(Number.POSITIVE_INFINITY);
      for (const { destination, nextHops } of changes) {
        if (nextHops.length === 0) node.fib.delete(destination);
        else node.fib.set(destination, nextHops);
      }
      const destinations = changes.filter(({ nextHops }) => nextHops.length > 0).map(({ destination }) => destination);
      this.input(node.name, { kind: "programmed", destinations });
    });
  }

  #datagram(node: SimulatedRouter, output: Extract<Output, { kind: "solicit" | "advertise" }>): void {
    const from = node.addresses.get(output.link) ?? "";
    this.#across(node.name, output.link, (far) => {
      const isFor = output.kind === "solicit" || this.#node(far.router).addresses.get(far.link) === output.to;
      if (!isFor) return;
      const { bytes } = output;
      this.input(far.router, { kind: "datagram", link: far.link, from, group: output.kind === "solicit", bytes });
    });
  }

  #request(
    node: SimulatedRouter,
    { link, id, to, method, path, headers, body, timeoutMs }: Extract<Output, { kind: "request" }>,
  ): void {
    const { engine } = node;
    const from = node.addresses.get(link) ?? "";
    if (method === "PUT") this.pushed.push(Buffer.byteLength(body ?? ""));
    let ended = false;
    const end = (input: Input): void => {
      if (ended || node.engine !== engine) return;
      ended = true;
      this.input(node.name, input);
    };
    this.#after(timeoutMs, () => {
      end({ kind: "no-answer", link, id, reason: "timed out", refused: false });
    });
    this.#across(node.name, link, (far) => {
      const answerer = this.#node(far.router);
      if (answerer.engine === undefined || answerer.addresses.get(far.link) !== to) {
        this.#across(far.router, far.link, () => {
          end({ kind: "no-answer", link, id, reason: "refused", refused: answerer.isKilled });
        });
        return;
      }
      const answer = this.#exchange(answerer, far.link, { from, method, path, headers, body: body ?? "" });
      this.#across(far.router, far.link, () => {
        end({ kind: "answer", link, id, ...answer });
      });
    });
  }

  #exchange(
    node: SimulatedRouter,
    link: string,
    request: { from: string; method: string; path: string; headers: Headers; body: string },
  ): { status: number; headers: Headers; body: string } {
    const [, version, operation] = /^\/v([23])\/(push|pull)$/.exec(request.path) ?? [];
    const outputs =
      node.engine?.handle(
        {
          kind: "exchange",
          link,
          id: 1,
          from: request.from,
          operation: operation === "push" ? "push" : "pull",
          version: version === "2" ? 2 : 3,
          headers: request.headers,
          body: request.body,
        },
        this.now,
      ) ?? [];
    const reply = outputs.find((output) => output.kind === "reply");
    if (reply === undefined) throw new Error("no reply");
    this.#do(
      node,
      outputs.filter((output) => output !== reply),
    );
    return { status: reply.status, headers: reply.headers, body: reply.body };
  }

  /** Something crosses the wire at an interface, if the wire and chance let it. */
  #across(router: string, link: string, arrive: (far: End) => void): void {
    const { cable, far } = this.#cabling.at(router, link) ?? {};
    if (cable === undefined || far === undefined || cable.cut || this.#random.below(1000) < this.impairment.loss * 1000)
      return;
    this.#after(1 + this.#random.below(this.impairment.delayMs), () => {
      if (!cable.cut) arrive(far);
    });
  }

  #carrier({ router, link }: End, up: boolean): void {
    this.input(router, { kind: "interface", link, index: 1, address: this.#node(router).addresses.get(link), up });
  }

  #after(milliseconds: number, act: () => void): void {
    this.#events.add(this.now + milliseconds, act);
  }

  #node(name: string): SimulatedRouter {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no router ${name}`);
    return node;
  }
}
