import { type Command, Option } from "commander";
import { defineVerb, withJson, withTestbed } from "./definition.ts";
import type { Session } from "./session.ts";
import type { CaptureOptions } from "./verbs/wire-capture.ts";
import type { InjectOptions } from "./verbs/wire-inject.ts";
import type { WireListOptions } from "./verbs/wire-list.ts";
import type { DirectionOptions, PlugOptions, WireOptions } from "./verbs/wire-change.ts";

const wireArgument = ["<wire>", "name of the wire, or NODE:PORT at one of its ends"] as const;

/** `wire ls|show|set|down|up|cut|mend|capture|inject|plug|unplug`. */
export function defineWireVerbs(program: Command, session: Session): void {
  const wire = defineVerb(program, "wire", {
    summary: "look at wires, change what they do to frames, capture, inject, plug",
    examples: [["kestrel wire ls", "all wires with their counters; kestrel wire set --help for impairments"]],
  });
  defineLooking(wire, session);
  defineChanging(wire, session);
  defineFrames(wire, session);
  definePlugging(wire, session);
}

function verb(wire: Command, ...definition: [name: string, text: Parameters<typeof defineVerb>[2]]): Command {
  return withJson(withTestbed(defineVerb(wire, ...definition)));
}

function withDirection(command: Command): Command {
  return command
    .addOption(new Option("--a-to-b", "only what the first end sends").conflicts("bToA"))
    .addOption(new Option("--b-to-a", "only what the second end sends"));
}

function defineLooking(wire: Command, session: Session): void {
  verb(wire, "ls", {
    summary: "list wires with their ends, counters and impairments",
    examples: [["kestrel wire ls --watch", "and follow the rates"]],
  })
    .option("--watch", "redraw every second; with --json: NDJSON of counters")
    .action(async (options: WireListOptions) => {
      const { wireList } = await import("./verbs/wire-list.ts");
      await wireList(session, options);
    });
  verb(wire, "show", {
    summary: "show everything about one wire",
    examples: [["kestrel wire show h1:net0", "settings, drops by reason, recording"]],
  })
    .argument(...wireArgument)
    .action(async (name: string, options: WireOptions) => {
      const { wireShow } = await import("./verbs/wire-show.ts");
      await wireShow(session, name, options);
    });
}

function defineChanging(wire: Command, session: Session): void {
  withDirection(
    verb(wire, "set", {
      summary: "change what a wire does to frames, from the next one on",
      details:
        "Settings are KEY=VALUE with the units of topology files: delay, jitter, loss, duplicate, reorder, corrupt, rate, " +
        "mtu, queue, cut. KEY=none takes an impairment away; `clean` takes all away. Those not named stay as they are.",
      examples: [
        ["kestrel wire set h1:net0 delay=10ms jitter=2ms loss=1%", "in both directions"],
        ["kestrel wire set h1:net0 --a-to-b rate=10mbit", "in one"],
        ["kestrel wire set h1:net0 clean", "as new"],
      ],
    }),
  )
    .argument(...wireArgument)
    .argument("<setting...>", "KEY=VALUE, or clean")
    .action(async (name: string, settings: readonly string[], options: DirectionOptions) => {
      const { wireSet } = await import("./verbs/wire-change.ts");
      await wireSet(session, name, settings, options);
    });
  for (const { name, summary, meaning } of carrierVerbs) {
    verb(wire, name, { summary, examples: [[`kestrel wire ${name} h1:net0`, meaning]] })
      .argument(...wireArgument)
      .action(async (target: string, options: WireOptions) => {
        const { wireCarrier } = await import("./verbs/wire-change.ts");
        await wireCarrier(session, name, target, options);
      });
  }
  for (const { name, summary, meaning } of silenceVerbs) {
    withDirection(verb(wire, name, { summary, examples: [[`kestrel wire ${name} h1:net0 --a-to-b`, meaning]] }))
      .argument(...wireArgument)
      .action(async (target: string, options: DirectionOptions) => {
        const { wireSilence } = await import("./verbs/wire-change.ts");
        await wireSilence(session, name, target, options);
      });
  }
}

const carrierVerbs = [
  { name: "down", summary: "take the carrier of a wire away at both ends", meaning: "both ends see the link go down" },
  { name: "up", summary: "give the carrier back", meaning: "the opposite of down" },
] as const;

const silenceVerbs = [
  { name: "cut", summary: "silence a wire; the carrier stays", meaning: "what the first end sends goes nowhere" },
  { name: "mend", summary: "end the silence", meaning: "the opposite of cut" },
] as const;

function defineFrames(wire: Command, session: Session): void {
  verb(wire, "capture", {
    summary: "capture frames as pcapng, one interface a wire",
    details: "Into a file, or into standard output when that is a pipe. Until interrupted, or for --duration seconds.",
    examples: [
      ["kestrel wire capture --all | wireshark -k -i -", "live"],
      ["kestrel wire capture h1:net0 -w trace.pcapng --include-recorded", "with what the recording still holds"],
      ["kestrel wire capture --all -w past.pcapng --include-recorded --duration 0", "only that"],
    ],
  })
    .argument("[wire...]", "names of wires, or NODE:PORT")
    .option("--all", "all wires (the same as naming none)")
    .option("-w, --write <file>", "the file; - is standard output")
    .option("--include-recorded", "begin with what the recordings still hold")
    .option("--duration <seconds>", "end after so many seconds")
    .action(async (wires: readonly string[], options: CaptureOptions) => {
      const { wireCapture } = await import("./verbs/wire-capture.ts");
      await wireCapture(session, wires, options);
    });
  verb(wire, "inject", {
    summary: "put a frame on a wire, as if a port had sent it",
    examples: [
      ["kestrel wire inject h1:net0 --from h1:net0 ffffffffffff0200000000010806…", "hexadecimal, no FCS"],
      ["kestrel wire inject h1:net0 --from h1:net0 @frame.bin", "the bytes of a file"],
    ],
  })
    .argument(...wireArgument)
    .argument("<frame>", "hexadecimal digits, or @FILE")
    .requiredOption("--from <port>", "NODE:PORT, or a or b: the end that seems to send it")
    .action(async (name: string, frame: string, options: InjectOptions) => {
      const { wireInject } = await import("./verbs/wire-inject.ts");
      await wireInject(session, name, frame, options);
    });
}

function definePlugging(wire: Command, session: Session): void {
  verb(wire, "plug", {
    summary: "plug an end of a wire into a port of a running node",
    details: "A port holds one wire: the one that was in it is pulled out. Without --end: the end that is loose.",
    examples: [["kestrel wire plug h1:net0--r1:net0 r2:net0 --end b", "move the second end to r2"]],
  })
    .argument("<wire>", "name of the wire")
    .argument("<port>", "NODE:PORT")
    .addOption(new Option("--end <end>", "which end").choices(["a", "b"]))
    .action(async (name: string, port: string, options: PlugOptions) => {
      const { wirePlug } = await import("./verbs/wire-change.ts");
      await wirePlug(session, name, port, options);
    });
  verb(wire, "unplug", {
    summary: "pull a wire out of a port; the node sees the link go down",
    examples: [["kestrel wire unplug r1:net0", "whatever is in that port"]],
  })
    .argument("<port>", "NODE:PORT")
    .action(async (port: string, options: WireOptions) => {
      const { wireUnplug } = await import("./verbs/wire-change.ts");
      await wireUnplug(session, port, options);
    });
}
