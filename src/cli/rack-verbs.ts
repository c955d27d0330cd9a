import type { Command } from "commander";
import { defineVerb, withJson, withTestbed } from "./definition.ts";
import { defineRackControlVerbs } from "./rack-control-verbs.ts";
import type { Session } from "./session.ts";
import type { RackStatusOptions } from "./verbs/rack-status.ts";

/** `rack …`. */
export function defineRackVerbs(program: Command, session: Session): void {
  const rack = defineVerb(program, "rack", {
    summary: "look at racks, and tell their control plane what to have",
    examples: [
      ["kestrel rack status", "sleds, switches, and the routes between them"],
      ["kestrel rack instance create web --project p", "an instance that runs"],
    ],
  });
  withJson(
    withTestbed(
      defineVerb(rack, "status", {
        summary: "draw the fabric: wires, routing peers, routes known and programmed",
        details:
          "Says last whether the fabric has converged, and if not, what does not agree: a peering that only one side sees, " +
          "a route that is known and not programmed, a prefix that some node has not heard of.",
        examples: [
          ["kestrel rack status", "of the only testbed"],
          ["kestrel rack status --json | jq .asymmetries", "for programs"],
        ],
      }),
    ),
  )
    .argument("[testbed]", "name of the testbed, as with --testbed")
    .action(async (testbed: string | undefined, options: RackStatusOptions) => {
      const { rackStatus } = await import("./verbs/rack-status.ts");
      await rackStatus(session, testbed === undefined ? options : { ...options, testbed });
    });
  defineRackControlVerbs(rack, session);
}
