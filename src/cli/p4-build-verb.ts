import type { Command } from "commander";
import { collect, defineVerb, withJson } from "./definition.ts";
import type { Session } from "./session.ts";
import type { P4BuildOptions } from "./verbs/p4-build.ts";

/** `p4 build`. */
export function defineP4BuildVerb(p4: Command, session: Session): void {
  withJson(
    defineVerb(p4, "build", {
      summary: "compile a P4-16 program for v1model into the JSON of BMv2",
      details:
        "All errors and warnings are shown at once, each with its place; nothing is written when there is an error (exit code 2). " +
        "core.p4 and v1model.p4 come with Kestrel. The same source gives the same JSON, byte for byte.",
      examples: [
        ["kestrel p4 build router.p4 -o router.json", "what simple_switch loads"],
        ["kestrel p4 build router.p4 -I lib -D PORTS=16", "with a folder of includes and a macro, to standard output"],
        ["kestrel p4 build router.p4 -o router.json --json", "errors and warnings for a program"],
      ],
    }),
    "print errors and warnings (and, without -o, the program) as JSON",
  )
    .argument("<program>", "the .p4 file")
    .option("-o, --output <file>", "write the JSON there instead of to standard output")
    .option("-I, --include <folder>", "look for included files there; may be repeated", collect)
    .option("-D, --define <name[=text]>", "define a macro; may be repeated", collect)
    .action(async (file: string, options: P4BuildOptions) => {
      const { p4Build } = await import("./verbs/p4-build.ts");
      await p4Build(session, file, options);
    });
}
