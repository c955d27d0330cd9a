import type { Command } from "commander";
import { defineVerb, withTestbed } from "./definition.ts";
import type { Session } from "./session.ts";
import type { DemoOptions } from "./verbs/tui.ts";

/** `tui`, `demo`. */
export function defineTuiVerbs(program: Command, session: Session): void {
  defineVerb(program, "tui", {
    summary: "open the terminal user interface; kestrel without a verb does the same",
    details:
      "Launch topologies, watch racks and wires, look into nodes, break things and mend them, run flows. Leaving it leaves " +
      "testbeds running. ? shows the keys.",
    examples: [
      ["kestrel tui", "choose a testbed or launch one"],
      ["kestrel tui routed", "attached to the testbed routed"],
    ],
  })
    .argument("[testbed]", "name of the testbed to attach to")
    .action(async (testbed: string | undefined) => {
      const { tui } = await import("./verbs/tui.ts");
      await tui(session, testbed);
    });

  withTestbed(
    defineVerb(program, "demo", {
      summary: "a guided tour in the terminal user interface: what breaks, what heals, step by step on one key",
      examples: [
        ["kestrel demo", "two racks, and a switch that dies: about a minute until they are up"],
        ["kestrel demo routed", "two hosts and a router: up in seconds"],
        ["kestrel demo routed --testbed routed", "on a testbed that runs"],
      ],
    }),
  )
    .argument("[tour]", "which one: two-racks or routed", "two-racks")
    .action(async (tour: string, options: DemoOptions) => {
      const { demo } = await import("./verbs/tui.ts");
      await demo(session, tour, options);
    });
}
