import type { Command } from "commander";
import { collect, defineVerb, withJson } from "./definition.ts";
import type { Session } from "./session.ts";
import type { P4StfOptions } from "./verbs/p4-stf.ts";

/** `p4 stf`. */
export function defineP4StfVerb(p4: Command, session: Session): void {
  withJson(
    defineVerb(p4, "stf", {
      summary: "run a test in the simple test framework's format (STF) on a P4 program",
      details:
        "The program is compiled and run on the behavioral switch in memory, in virtual time: no machine, no interface, no " +
        "waiting. Packets that are not as expected are shown beside those that are, field by field. Exit codes: 0 all as " +
        "expected, 1 not so, 2 the program or the test is wrong.",
      examples: [
        ["kestrel p4 stf router.p4 router.stf", "packet, expect, add, setdefault, and commands of simple_switch_CLI"],
        ["kestrel p4 stf router.p4 router.stf --interpret", "by the interpreter instead of compiled code"],
        ["kestrel p4 stf router.p4 router.stf --json", "for a program"],
      ],
    }),
  )
    .argument("<program>", "the .p4 file")
    .argument("<test>", "the .stf file")
    .option("-I, --include <folder>", "look for included files there; may be repeated", collect)
    .option("-D, --define <name[=text]>", "define a macro; may be repeated", collect)
    .option("--interpret", "walk the program with the interpreter, the slow and plain way")
    .action(async (file: string, test: string, options: P4StfOptions) => {
      const { p4Stf } = await import("./verbs/p4-stf.ts");
      await p4Stf(session, file, test, options);
    });
}
