import type { Testbed } from "../../testbed/testbed.ts";
import type { Effect } from "../model/effect.ts";
import { BedSession } from "./bed-session.ts";
import type { Breaking } from "./breaking.ts";
import { ConsoleTerminal } from "./console-terminal.ts";
import { Frames } from "./frames.ts";
import { Instances } from "./instances.ts";
import { NodeTools } from "./node-tools.ts";
import { TourCommands } from "./tour-commands.ts";
import { type Outcomes, work } from "./services.ts";

const bedEffects = [
  "act",
  "carrier",
  "silence",
  "flap",
  "impair",
  "inspect",
  "find-instances",
  "open-console",
  "close-console",
  "type",
  "resize-console",
  "follow-log",
  "leave-log",
  "exec",
  "follow-frames",
  "leave-frames",
  "start-capture",
  "stop-capture",
  "campaign",
  "stop-campaign",
  "trace",
  "tour-commands",
  "leave-tour",
] as const satisfies readonly Effect["type"][];

/** What is done to the testbed that is attached to. */
export type BedEffect = Effect & { readonly type: (typeof bedEffects)[number] };

/** Whether an effect concerns the testbed that is attached to. */
export function isBedEffect(effect: Effect): effect is BedEffect {
  return bedEffects.some((type) => type === effect.type);
}

/** A testbed that is attached to, and everything that is done with it. */
export class AttachedBed implements AsyncDisposable {
  readonly name: string;
  readonly #testbed: Testbed;
  readonly #outcomes: Outcomes;
  readonly #session: BedSession;
  readonly #tools: NodeTools;
  readonly #instances: Instances;
  readonly #frames: Frames;
  readonly #tour: TourCommands;
  #console: ConsoleTerminal | undefined;
  #breaking: Promise<Breaking> | undefined;

  constructor(testbed: Testbed, outcomes: Outcomes) {
    this.name = testbed.name;
    this.#testbed = testbed;
    this.#outcomes = outcomes;
    this.#session = new BedSession(testbed, outcomes);
    this.#tools = new NodeTools(testbed, outcomes);
    this.#instances = new Instances(testbed, outcomes);
    this.#frames = new Frames(testbed, outcomes);
    this.#tour = new TourCommands(testbed, outcomes);
  }

  /** Begin to follow it. */
  follow(): void {
    this.#session.follow();
  }

  /** Do one thing with it. */
  perform(effect: BedEffect): void {
    const { wires } = this.#testbed;
    switch (effect.type) {
      case "act":
        this.#work(`${effect.verb} ${effect.node}`, () => this.#testbed.node(effect.node).act(effect.verb));
        return;
      case "carrier":
        this.#work(`${effect.up ? "up" : "down"} ${effect.wire}`, () => wires[effect.up ? "up" : "down"](effect.wire));
        return;
      case "silence":
        this.#work(`${effect.cut ? "cut" : "mend"} ${effect.wire}`, () =>
          wires[effect.cut ? "cut" : "mend"](effect.wire),
        );
        return;
      case "impair":
        this.#work(`impair ${effect.wire}`, async () => {
          await wires.set(effect.wire, this.#outcomes.services.parseWireSettings(effect.words), effect.direction);
        });
        return;
      case "flap":
        this.#work(`flap ${effect.wire}`, async () => (await this.#breaks()).flap(effect.wire, effect.on));
        return;
      case "campaign":
        void this.#breaks().then((breaking) => breaking.campaign(effect.faults, effect.seed));
        return;
      case "stop-campaign":
        void this.#breaking?.then((breaking) => {
          breaking.stopCampaign();
        });
        return;
      case "trace":
        void this.#breaks().then((breaking) => breaking.trace(effect.from, effect.to));
        return;
      case "tour-commands":
        void this.#tour.change(effect.begin, effect.end);
        return;
      case "leave-tour":
        this.#tour.endAll();
        return;
      case "inspect":
        void this.#tools.inspect(effect.node);
        return;
      case "find-instances":
        void this.#instances.find();
        return;
      case "exec":
        void this.#tools.exec(effect.node, effect.command, effect.id);
        return;
      case "follow-log":
        void this.#tools.followLog(effect.node);
        return;
      case "leave-log":
        this.#tools.leaveLog();
        return;
      case "follow-frames":
        void this.#frames.follow(effect.wire);
        return;
      case "leave-frames":
        this.#frames.leave();
        return;
      case "start-capture":
        void this.#frames.capture(effect.wire, effect.file);
        return;
      case "stop-capture":
        this.#frames.stopCapture();
        return;
      case "open-console":
      case "close-console":
      case "type":
      case "resize-console":
        this.#useConsole(effect);
    }
  }

  /** Let it go: it runs on, and what was broken for a while is healed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closeConsole();
    this.#tour.endAll();
    this.#tools[Symbol.dispose]();
    this.#frames[Symbol.dispose]();
    await (await this.#breaking)?.[Symbol.asyncDispose]();
    this.#session[Symbol.dispose]();
  }

  #useConsole(
    effect: BedEffect & { readonly type: "open-console" | "close-console" | "type" | "resize-console" },
  ): void {
    if (effect.type === "open-console") {
      this.#closeConsole();
      const { columns, rows } = effect;
      this.#console = new ConsoleTerminal(this.#testbed, effect.node, { columns, rows }, this.#outcomes);
    } else if (effect.type === "close-console") this.#closeConsole();
    else if (effect.type === "type") this.#console?.type(effect.text);
    else this.#console?.resize(effect.columns, effect.rows);
  }

  #closeConsole(): void {
    this.#console?.[Symbol.dispose]();
    this.#console = undefined;
  }

  #work(what: string, doIt: () => Promise<unknown>): void {
    void work(this.#outcomes, what, doIt).then(() => {
      this.#session.refresh();
    });
  }

  /** It brings vitest with it: only who breaks something or follows a packet waits for that. */
  #breaks(): Promise<Breaking> {
    this.#breaking ??= import("./breaking.ts").then(({ Breaking }) => new Breaking(this.#testbed, this.#outcomes));
    return this.#breaking;
  }
}
