import { z } from "zod";
import type { Commands } from "./session.ts";
import { part } from "./values.ts";

const counter = z.object({
  keys: z.object({ code: z.int(), reason: z.string() }),
  data: z.object({ pkts: z.int() }),
});
const dump = z.object({
  name: z.string(),
  size: z.int(),
  entries: z.array(
    z.object({
      keys: z.record(z.string(), z.string()),
      priority: z.int().optional(),
      action: z.string(),
      action_args: z.record(z.string(), z.string()),
    }),
  ),
});
const anything = z.record(z.string(), z.unknown());

/** `swadm counters …`, `swadm table …`, and who and how the switch is. */
export const diagnosticCommands: Commands = (program, session) => {
  const counters = program.command("counters").description("counters of the switch");
  counters
    .command("list")
    .alias("ls")
    .description("their names")
    .action(async () => {
      const names = await session.get("/counters/p4", z.array(z.string()));
      session.printLines(names, names);
    });
  counters
    .command("get")
    .argument("[name]", "of the counter", "drop_reason")
    .option("--all", "zeros too")
    .description("what a counter counted")
    .action(async (name: string, { all }: { all?: boolean }) => {
      const cells = await session.get(`/counters/p4/${part(name)}?force_sync=true`, z.array(counter));
      const shown = all === true ? cells : cells.filter(({ data }) => data.pkts > 0);
      session.print(
        shown,
        ["Code", "Reason", "Packets"],
        shown.map(({ keys, data }) => [`0x${keys.code.toString(16).padStart(2, "0")}`, keys.reason, String(data.pkts)]),
      );
    });
  counters
    .command("reset")
    .argument("[name]", "of the counter", "drop_reason")
    .description("begin at zero")
    .action(async (name: string) => {
      await session.send("POST", `/counters/p4/${part(name)}/reset`);
    });
  counters
    .command("linkup")
    .description("how often links came up")
    .action(async () => {
      const cells = await session.get(
        "/counters/linkup",
        z.array(z.object({ link_path: z.string(), link_state: z.string(), linkups: z.int() })),
      );
      session.print(
        cells,
        ["Port/Link", "State", "Came up"],
        cells.map(({ link_path, link_state, linkups }) => [link_path, link_state, String(linkups)]),
      );
    });

  const table = program.command("table").description("tables of the switch");
  table
    .command("list")
    .alias("ls")
    .description("their names")
    .action(async () => {
      const names = await session.get("/table", z.array(z.string()));
      session.printLines(names, names);
    });
  table
    .command("dump")
    .argument("<table>")
    .description("the rows that the switch holds")
    .action(async (name: string) => {
      const found = await session.get(`/table/${part(name)}/dump`, dump);
      session.print(
        found,
        ["Key", "Priority", "Action", "Parameters"],
        found.entries.map(({ keys, priority, action, action_args }) => [
          pairs(keys),
          priority === undefined ? "" : String(priority),
          action,
          pairs(action_args),
        ]),
      );
    });

  for (const [name, path, description] of [
    ["identifiers", "/switch/identifiers", "who the switch is"],
    ["build-info", "/build-info", "what dpd is"],
    ["state", "/switch/state", "whether the switch is reached, and holds what it shall"],
  ] as const) {
    program
      .command(name)
      .description(description)
      .action(async () => {
        const found = await session.get(path, anything);
        session.print(
          found,
          ["Property", "Value"],
          Object.entries(found).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
        );
      });
  }
};

function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
