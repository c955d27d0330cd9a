import type { Command } from "commander";
import { defineVerb } from "./definition.ts";
import { defineP4BuildVerb } from "./p4-build-verb.ts";
import { defineP4CliVerb } from "./p4-cli-verb.ts";
import { defineP4RunVerb } from "./p4-run-verb.ts";
import { defineP4StfVerb } from "./p4-stf-verb.ts";
import type { Session } from "./session.ts";

/** `p4 …`. */
export function defineP4Verbs(program: Command, session: Session): void {
  const p4 = defineVerb(program, "p4", {
    summary: "compile, test and run P4 programs, program switches",
    examples: [
      ["kestrel p4 build router.p4 -o router.json", "for simple_switch"],
      ["kestrel p4 stf router.p4 router.stf", "does it forward what it should?"],
      ["kestrel p4 run -i 0@eth1 -i 1@eth2 router.json", "a switch on two interfaces"],
      ["kestrel p4 cli", "program it"],
    ],
  });
  defineP4BuildVerb(p4, session);
  defineP4StfVerb(p4, session);
  defineP4RunVerb(p4, session);
  defineP4CliVerb(p4, session);
}
