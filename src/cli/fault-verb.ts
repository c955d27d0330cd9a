import { type Command, Option } from "commander";
import { defineVerb, withJson, withTestbed } from "./definition.ts";
import type { Session } from "./session.ts";
import type { FaultOptions } from "./verbs/fault.ts";

/** `fault`. */
export function defineFaultVerb(program: Command, session: Session): void {
  withJson(
    withTestbed(
      defineVerb(program, "fault", {
        summary: "break a wire, a node, a daemon or a clock for a time, and heal it",
        details:
          "Kinds for wires: down, cut, impaired (settings as of `kestrel wire set`), flapping (period=SECONDS count=N). For " +
          "nodes: paused, killed, power-cycled, daemon-killed, daemon-stopped, daemon-frozen (service=NAME, process=NAME or " +
          "pid-file=PATH), clock-step (seconds=N, negative for backwards). Without --for it lasts until interrupted; it is " +
          "healed whatever ends the command.",
        examples: [
          ["kestrel fault h1:net0 cut --a-to-b", "until Ctrl-C"],
          ["kestrel fault h1:net0 impaired loss=10% delay=20ms --for 30", "for half a minute"],
          ["kestrel fault h1:net0 flapping period=2 count=5", "five times in ten seconds"],
          ["kestrel fault r1 daemon-stopped process=bgpd --for 10", "started again as it was started before"],
          ["kestrel fault h1 clock-step seconds=-3600", "an hour back, until Ctrl-C"],
        ],
      }),
    ),
    "print each step as a line of JSON",
  )
    .argument("<target>", "a node, a wire, or NODE:PORT at one of its ends")
    .argument("<kind>", "what to do to it")
    .argument("[setting...]", "KEY=VALUE")
    .option("--for <seconds>", "heal it after so many seconds")
    .addOption(new Option("--a-to-b", "only what the wire's first end sends").conflicts("bToA"))
    .addOption(new Option("--b-to-a", "only what the wire's second end sends"))
    .action(async (target: string, kind: string, settings: readonly string[], options: FaultOptions) => {
      const { fault } = await import("./verbs/fault.ts");
      await fault(session, { target, kind, settings }, options);
    });
}
