import { type Command, Option } from "commander";
import { defineVerb, withJson, withTopology } from "./definition.ts";
import type { Session } from "./session.ts";
import type { GraphOptions } from "./verbs/graph.ts";
import type { PlanOptions } from "./verbs/plan.ts";

/** `plan`, `schema`, `graph`. */
export function defineTopologyVerbs(program: Command, session: Session): void {
  withTopology(
    withJson(
      defineVerb(program, "plan", {
        summary: "print what a topology comes to: nodes, addresses, MACs, wires",
        examples: [
          ["kestrel plan topologies/routed.yaml", "as tables"],
          ["kestrel plan routed.yaml --json", "the whole plan"],
        ],
      }),
    ),
  ).action(async (topology: string, options: PlanOptions) => {
    const { plan } = await import("./verbs/plan.ts");
    await plan(session, topology, options);
  });

  defineVerb(program, "schema", {
    summary: "print the JSON Schema of topology files, for editors",
    examples: [["kestrel schema > topology.schema.json", "then: # yaml-language-server: $schema=topology.schema.json"]],
  })
    .option("--json", "accepted for uniformity: the schema is JSON anyway")
    .action(async () => {
      const { schema } = await import("./verbs/schema.ts");
      schema(session);
    });

  withTopology(
    defineVerb(program, "graph", {
      summary: "draw a topology",
      examples: [
        ["kestrel graph routed.yaml", "Mermaid text, for Markdown"],
        ["kestrel graph routed.yaml --svg -o routed.svg", "a picture"],
      ],
    }),
  )
    .addOption(new Option("--svg", "draw SVG").conflicts("mermaid"))
    .option("--mermaid", "write Mermaid text (the default)")
    .option("--json", 'print {"format", "text"}')
    .option("-o, --output <file>", "write into a file instead of standard output")
    .action(async (topology: string, options: GraphOptions) => {
      const { graph } = await import("./verbs/graph.ts");
      await graph(session, topology, options);
    });
}
