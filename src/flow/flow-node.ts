import { KestrelError } from "../error/kestrel-error.ts";
import {
  type Completed,
  type ExecOptions,
  type ForwardedPort,
  forwardPort,
  type Guest,
  httpGet,
  quoteWord,
  type HttpAnswer,
  type HttpPlace,
} from "../guest/index.ts";
import type { NodeHandle, NodeVerb } from "../testbed/index.ts";
import { isBackground } from "./background.ts";
import type { FlowTestbed } from "./flow-testbed.ts";
import { compileMatch, type FrameMatch } from "./frame-match.ts";
import { followPacket, type FollowOptions } from "./path/follow-packet.ts";
import { nodeOfEnd } from "./path/journey.ts";
import type { Sighting } from "./sighting.ts";
import type { FlowTap, TapOptions } from "./tap/flow-tap.ts";
import type { PacketTrace } from "./trace.ts";
import { patience } from "./wait/patience.ts";

/** Exit codes of a shell for what cannot be run, or is not there (POSIX, Shell Command Language 2.8.2). */
const notRun: readonly number[] = [126, 127];

/** Which packet of a command is followed, and how long. */
export interface TraceOptions extends FollowOptions {
  /** The first packet that is this, instead of the first of all. */
  readonly match?: FrameMatch;
  /** How to run the command. */
  readonly exec?: ExecOptions;
}

/** A node in the hands of a test. */
export class FlowNode {
  readonly handle: NodeHandle;
  readonly #bed: FlowTestbed;

  constructor(bed: FlowTestbed, handle: NodeHandle) {
    this.#bed = bed;
    this.handle = handle;
  }

  get name(): string {
    return this.handle.name;
  }

  /**
   * Drive traffic by a real command, and wait until it ends. Expectations look at what the wires carried since it began.
   * An exit code other than 0 is a result, not an error.
   */
  async exec(command: string | readonly string[], options?: ExecOptions): Promise<Completed> {
    const text = `run on ${this.name}: ${commandText(command)}`;
    return this.#bed.step("run", text, async () => {
      await this.#bed.mark();
      return this.#bed.guarded(`run a command on ${this.name}`, async () =>
        (await this.guest()).exec(command, options),
      );
    });
  }

  /**
   * Run a command and follow the first packet that it sends, background apart, on its way over all wires and taps: through
   * routers, NAT and tunnels.
   *
   * @throws KestrelError (flow) when no packet left the node
   */
  async trace(command: string | readonly string[], options: TraceOptions = {}): Promise<PacketTrace> {
    const { match, exec, ...follow } = options;
    const matcher = match === undefined ? undefined : compileMatch(match);
    const isFirst = (seen: Sighting): boolean => {
      if (nodeOfEnd(seen.from) !== this.name || seen.tap !== undefined) return false;
      return matcher === undefined ? !isBackground(seen.packet) : matcher.matches(seen);
    };
    const what = `a packet from ${this.name}${matcher === undefined ? "" : `: ${matcher.text}`}`;
    const { exitCode, stderr } = await this.exec(command, exec);
    const lastWords = exitCode === 0 ? [] : stderr.trimEnd().split("\n").slice(-5);
    if (exitCode !== null && notRun.includes(exitCode))
      throw new KestrelError({
        kind: "flow",
        step: `trace ${what}`,
        subject: `${this.name}: ${commandText(command)}`,
        expected: "a command that can be run",
        found: `exit code ${exitCode}`,
        lastWords,
      });
    return this.#bed.step("trace", `trace ${what}`, () =>
      this.#bed.guarded(`trace from ${this.name}`, () => followPacket(this.#bed, what, isFirst, follow, lastWords)),
    );
  }

  /** Run a command that must succeed, and return what it prints without the trailing newline. Leaves the cursor alone. */
  async ask(command: string | readonly string[]): Promise<string> {
    return this.#bed.step("run", `ask ${this.name}: ${commandText(command)}`, () => this.#ask(command));
  }

  #ask(command: string | readonly string[]): Promise<string> {
    return this.#bed.guarded(`ask ${this.name}`, async () => {
      const { exitCode, signal, stdout, stderr } = await (await this.guest()).exec(command);
      if (exitCode === 0) return stdout.trimEnd();
      throw new KestrelError({
        kind: "flow",
        step: "run a command that must succeed",
        subject: `${this.name}: ${commandText(command)}`,
        expected: "exit code 0",
        found: signal ?? `exit code ${exitCode}`,
        lastWords: stderr.trimEnd().split("\n").slice(-10),
      });
    });
  }

  /**
   * GET something of an HTTP server inside the node, over the node's own line: no NIC takes part, no program is started, and
   * the cursor stays.
   *
   * @throws KestrelError (input) when nothing listens there; what aborted when there is no answer in time
   */
  async httpGet(place: HttpPlace): Promise<HttpAnswer> {
    const text = `ask ${this.name} for http://${place.address}:${place.port}${place.path}`;
    return this.#bed.step("run", text, () =>
      this.#bed.guarded(text, async () => httpGet(await this.guest(), place, AbortSignal.timeout(patience()))),
    );
  }

  /**
   * Wait until a command exits 0 in the node; as in {@link exec}, a text is for the shell.
   *
   * @param options - `within`: how long it may take, milliseconds; 20 s unless given, or half the time of the test where
   *   that is less
   */
  async until(
    command: string | readonly string[],
    { within = patience() }: { readonly within?: number } = {},
  ): Promise<void> {
    const line = typeof command === "string" ? command : command.map(quoteWord).join(" ");
    await this.#bed.step("wait", `wait on ${this.name} until ${commandText(command)}`, () =>
      this.#bed.guarded(`wait for a fact on ${this.name}`, async () =>
        (await this.guest()).ready({ type: "command", command: line, timeoutMs: within }),
      ),
    );
  }

  /**
   * Record an interface inside the node like a wire: `await using tap = await bed.node("r1").tap("gnv0")`. Expectations and
   * traces see it until it is disposed. When this resolves, every frame from now on is recorded.
   *
   * @throws KestrelError (input) when there is no such interface, or the filter is none
   */
  tap(interfaceName: string, options: TapOptions = {}): Promise<FlowTap> {
    const text = `tap ${this.name}:${interfaceName}${options.filter === undefined ? "" : ` for ${options.filter}`}`;
    return this.#bed.step("note", text, () =>
      this.#bed.guarded(text, () => this.#bed.taps.open(this.name, interfaceName, options)),
    );
  }

  /** Make a TCP port of the node reachable on 127.0.0.1 until it is disposed of: no NIC takes part. */
  forward(port: number): Promise<ForwardedPort> {
    const text = `forward port ${port} of ${this.name}`;
    return this.#bed.step("note", text, () =>
      this.#bed.guarded(text, async () => forwardPort(await this.guest(), port)),
    );
  }

  /** All that the guest can be asked: files, streams, services. */
  guest(): Promise<Guest> {
    return this.handle.guest();
  }

  /** Stop the machine where it stands. */
  pause(): Promise<void> {
    return this.#act("pause");
  }

  /** The opposite of {@link pause}. */
  resume(): Promise<void> {
    return this.#act("resume");
  }

  /** Restart the guest in order, with the same identity and data disk. */
  reboot(): Promise<void> {
    return this.#act("reboot");
  }

  /** Pull the plug and start again, with the same identity and data disk. */
  powerCycle(): Promise<void> {
    return this.#act("power-cycle");
  }

  /** Pull the plug. */
  kill(): Promise<void> {
    return this.#act("kill");
  }

  /** The opposite of {@link kill}. */
  start(): Promise<void> {
    return this.#act("start");
  }

  #act(verb: NodeVerb): Promise<void> {
    return this.#bed.guarded(`${verb} ${this.name}`, () => this.handle.act(verb));
  }
}

function commandText(command: string | readonly string[]): string {
  return typeof command === "string" ? command : command.join(" ");
}
