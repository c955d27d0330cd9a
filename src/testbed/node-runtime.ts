import type { Duplex } from "node:stream";
import type { Connection } from "../channel/index.ts";
import { describeError, KestrelError, serializeError } from "../error/kestrel-error.ts";
import { greetAgent, AgentGuest, type Guest } from "../guest/index.ts";
import { type Machine, panicWords } from "../machine/index.ts";
import type { NodePlan, PortPlan } from "../topology/index.ts";
import { ConsoleTap } from "./console-tap.ts";
import { Fact } from "./fact.ts";
import { untilLinksSeen } from "./links-seen.ts";
import type { NodeProvisioner, StartedMachine } from "./node-provisioner.ts";
import type { Happening, NodeState, NodeStatus, NodeVerb } from "./protocol.ts";
import { settle } from "./settle.ts";

/** What a node needs of the testbed around it. */
export interface NodeContext {
  readonly node: NodePlan;
  readonly provisioner: NodeProvisioner;
  readonly consoleLog: string;
  /** Folder that relative `from` paths of the topology's files are in. */
  readonly topologyDirectory: string;
  readonly emit: (happening: Happening) => void;
  /** Aborted when the testbed ends. */
  readonly signal: AbortSignal;
  /** Name of the wire a port is in now, or null. */
  readonly wireOf: (port: PortPlan) => string | null;
  /** Whether the wire that a port is in gives a carrier. */
  readonly carrier: (port: PortPlan) => boolean;
}

/** Verbs that make sense in each state. */
const allowed: Readonly<Record<NodeVerb, readonly NodeState[]>> = {
  pause: ["ready", "settling"],
  resume: ["paused"],
  reboot: ["ready"],
  "power-cycle": ["ready", "paused", "stopped", "failed"],
  kill: ["ready", "paused", "settling", "starting", "identifying"],
  start: ["stopped", "failed"],
};

/** One node of a running testbed: its machine, the line to its agent, its state; and what can be done to it. */
export class NodeRuntime {
  readonly node: NodePlan;
  /** Its QEMU runs and the guest answers. */
  answers = new Fact();
  /** All ready conditions hold. */
  ready = new Fact();
  readonly console = new ConsoleTap();
  readonly #context: NodeContext;
  #state: NodeState = "waiting";
  #machine: Machine | undefined;
  #origin: NodeStatus["origin"] = null;
  #connection: Connection | undefined;
  #guest: Guest | undefined;
  #ssh: NodeStatus["ssh"] = null;
  #startedAt: number | null = null;
  #readyAfterMs: number | null = null;
  #failure: Error | undefined;
  /** The machine's end is wanted: its exit is no failure. */
  #ending = false;
  /** The start that follows a reset of the guest. */
  #restart: Promise<void> | undefined;

  constructor(context: NodeContext) {
    this.#context = context;
    this.node = context.node;
  }

  get state(): NodeState {
    return this.#state;
  }

  get machine(): Machine | undefined {
    return this.#machine;
  }

  /** The connection to the agent; throws KestrelError when the node has none now. */
  get connection(): Connection {
    if (this.#connection === undefined || this.#state === "paused") throw this.#notAnswering();
    return this.#connection;
  }

  /** Have a shell on the serial console where there is an agent to start one; a kernel alone has none. */
  async offerConsoleShell(): Promise<void> {
    if (this.#state === "paused") return;
    await this.#connection?.request("console-shell", undefined, { timeoutMs: 10_000 }).catch(() => undefined);
  }

  status(): NodeStatus {
    const { node } = this;
    return {
      name: node.name,
      kind: node.kind,
      state: this.#state,
      pid: this.#machine?.pid ?? null,
      origin: this.#origin,
      memoryMiB: node.memoryMiB,
      cpus: node.cpus,
      ports: node.ports.map((port) => ({
        name: port.name,
        mac: port.mac,
        addresses: port.addresses,
        wire: this.#context.wireOf(port),
        up: this.#hasLinks() && this.#context.carrier(port),
      })),
      startedAt: this.#startedAt,
      readyAfterMs: this.#readyAfterMs,
      transport: node.disk === null ? "agent" : "ssh",
      ssh: this.#ssh,
      consoleLog: this.#context.consoleLog,
      failure: this.#failure === undefined ? null : serializeError(this.#failure),
    };
  }

  /** Bring the node from nothing to ready. Rejects with the reason when it fails; the reason is in its status too. */
  async start(signal: AbortSignal): Promise<void> {
    this.#failure = undefined;
    this.#ending = false;
    const startedAt = performance.now();
    this.#startedAt = Date.now();
    this.#readyAfterMs = null;
    try {
      this.#enter("starting");
      const { provisioner } = this.#context;
      const [machine, guest] = await provisioner.inTurn(() => this.#wake(signal));
      await this.#settle(machine, guest, signal);
      this.#readyAfterMs = Math.round(performance.now() - startedAt);
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      this.#fail(reason);
      throw reason;
    }
  }

  /** The node will not start: something it waits for has failed. */
  giveUp(reason: Error): void {
    this.#fail(reason);
  }

  /** Do a verb; resolves when its effect is there. */
  async act(verb: NodeVerb, signal: AbortSignal): Promise<void> {
    if (!allowed[verb].includes(this.#state)) {
      throw new KestrelError({
        kind: "input",
        step: `${verb} the node`,
        subject: this.node.name,
        expected: `a node that is ${allowed[verb].join(" or ")}`,
        found: `one that is ${this.#state}`,
      });
    }
    switch (verb) {
      case "pause":
        await this.#machine?.pause();
        this.#enter("paused");
        return;
      case "resume":
        await this.#machine?.resume();
        this.#enter("ready");
        return;
      case "reboot":
        return this.#reboot();
      case "power-cycle":
        await this.end();
        return this.start(signal);
      case "kill":
        return this.end();
      case "start":
        return this.start(signal);
    }
  }

  /** End its QEMU; it is gone when this resolves. */
  async end(): Promise<void> {
    this.#ending = true;
    const machine = this.#machine;
    this.#letGo();
    await machine?.kill();
    this.answers = new Fact();
    this.ready = new Fact();
    if (this.#state !== "failed") this.#enter("stopped");
  }

  /** Give every port the carrier that its wire has now. */
  async updateLinks(): Promise<void> {
    const machine = this.#machine;
    if (machine === undefined || !this.#hasLinks()) return;
    const links = this.node.ports.map((port) => machine.setLink(port.slot, this.#context.carrier(port)));
    await Promise.all(links).catch((error: unknown) => {
      // Links of a machine that is ended meanwhile are nobody's.
      if (this.#machine === machine) throw error;
    });
  }

  #adopt({ machine, origin, ssh }: StartedMachine): void {
    this.#machine = machine;
    this.#origin = origin;
    this.#ssh = ssh;
    this.console.connect(machine.console);
    void machine.exited.then((exit) => {
      if (this.#ending || this.#machine !== machine) return;
      this.#letGo();
      if (exit.code !== 0) this.#fail(machine.exitError("run the node", exit));
      else if (machine.endReason === "guest-reset") this.#followReset();
      else this.#enter("stopped", "the guest powered off");
    });
  }

  /** From nothing to a guest that knows who it is and answers. */
  async #wake(signal: AbortSignal): Promise<readonly [Machine, Guest]> {
    signal.throwIfAborted();
    const started = await this.#context.provisioner.startMachine(this.node, signal);
    this.#adopt(started);
    const { machine, origin } = started;
    this.#enter("identifying");
    this.#guest = await machine.whileRunning(
      `start node ${this.node.name}`,
      this.#reach(machine, origin === "boot", signal),
    );
    return [machine, this.#guest];
  }

  /** From there to ready. */
  async #settle(machine: Machine, guest: Guest, signal: AbortSignal): Promise<void> {
    // Only now may a frame leave: the machine is nobody's twin any more.
    this.#enter("settling");
    await this.updateLinks();
    const { node } = this;
    if (this.#ssh === null) {
      const linked = () => node.ports.filter((port) => this.#context.carrier(port)).map(({ name }) => name);
      await machine.whileRunning(`start node ${node.name}`, untilLinksSeen(guest, node.name, linked, signal));
    }
    this.answers.holds();
    const { emit, topologyDirectory } = this.#context;
    await machine.whileRunning(`start node ${node.name}`, settle({ node, guest, topologyDirectory, emit, signal }));
    this.#enter("ready");
    this.ready.holds();
  }

  async #reach(machine: Machine, parks: boolean, signal: AbortSignal): Promise<Guest> {
    const { provisioner } = this.#context;
    if (this.#ssh !== null) return this.#reachOverSsh(this.#ssh, signal);
    const connection = await this.#greet(machine.agent, parks, signal);
    this.#connection = connection;
    const guest = new AgentGuest(connection, this.node.name);
    await guest.identify(provisioner.identity(this.node), signal);
    return guest;
  }

  /** A guest whose kernel panics may stand still for ever: it is not waited for. */
  async #reachOverSsh(ssh: NonNullable<NodeStatus["ssh"]>, signal: AbortSignal): Promise<Guest> {
    const panic = new AbortController();
    const stopListening = this.console.listenFor(panicWords, () => {
      panic.abort();
    });
    try {
      const either = AbortSignal.any([signal, panic.signal]);
      return await this.#context.provisioner.reachOverSsh(this.node, ssh, either);
    } catch (error) {
      throw panic.signal.aborted && !signal.aborted ? this.#panicked(panicWords) : this.#withLastWords(error);
    } finally {
      stopListening();
    }
  }

  #panicked(found: string): KestrelError {
    return new KestrelError({
      kind: "host",
      step: "run the node",
      subject: this.node.name,
      expected: "a running kernel",
      found,
      lastWords: this.console.lastLines(),
    });
  }

  async #greet(session: Duplex, parks: boolean, signal: AbortSignal): Promise<Connection> {
    const deadlineMs = this.#context.provisioner.answerDeadlineMs(parks);
    try {
      return await greetAgent(session, { parks, deadlineMs, signal, node: this.node.name });
    } catch (error) {
      signal.throwIfAborted();
      await this.#context.provisioner.didNotAnswer(this.node, parks);
      throw this.#withLastWords(error);
    }
  }

  #withLastWords(error: unknown): unknown {
    if (!(error instanceof KestrelError)) return error;
    return new KestrelError({ ...error.explanation, lastWords: this.console.lastLines() }, { cause: error.cause });
  }

  async #reboot(): Promise<void> {
    const machine = this.#machine;
    if (machine === undefined) throw this.#notAnswering();
    await this.#guest?.shutdown("reboot");
    await machine.exited;
    // The exit's own listener, registered first, has begun the restart by now.
    await this.#restart;
  }

  /** The guest has reset its machine, by a reboot or by a panic. */
  #followReset(): void {
    const panic = this.console.lastLines(40).find((line) => line.includes(panicWords));
    if (panic !== undefined) {
      this.#fail(this.#panicked(panic.trim()));
      return;
    }
    this.answers = new Fact();
    this.ready = new Fact();
    this.#restart = this.start(this.#context.signal);
    this.#restart.catch(() => undefined);
  }

  /** Forget the machine that is gone. */
  #letGo(): void {
    this.#machine = undefined;
    this.#connection?.close();
    this.#connection = undefined;
    void this.#guest?.close();
    this.#guest = undefined;
  }

  #hasLinks(): boolean {
    return this.#machine !== undefined && ["settling", "ready", "paused"].includes(this.#state);
  }

  #enter(state: NodeState, message?: string): void {
    this.#state = state;
    this.#context.emit({ type: "node", node: this.node.name, state, message });
  }

  #fail(reason: Error): void {
    this.#failure = reason;
    this.answers.fails(reason);
    this.ready.fails(reason);
    this.#state = "failed";
    this.#context.emit({ type: "node-failed", node: this.node.name, error: serializeError(reason) });
  }

  #notAnswering(): KestrelError {
    return new KestrelError({
      kind: "input",
      step: "reach the node",
      subject: this.node.name,
      expected: "a node that answers",
      found:
        this.#failure === undefined ? `one that is ${this.#state}` : `one that failed: ${describeError(this.#failure)}`,
      hint: this.#state === "paused" ? `kestrel resume ${this.node.name}` : `kestrel power-cycle ${this.node.name}`,
    });
  }
}
