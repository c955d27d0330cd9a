import { type CliContext, type Commands, cxt, done, type Reply } from "./command.ts";
import { CliError } from "./cli-error.ts";
import { added, keyOf, requireIndirect, splitAtArrow, splitPriority, tableOf } from "./table-words.ts";
import { decimal, type Words } from "./words.ts";

async function addIndirect(words: Words, context: CliContext, to: "member" | "group"): Promise<Reply> {
  const table = tableOf(words, context);
  requireIndirect(table, to === "group");
  const [key, rest] = splitAtArrow(words);
  const [targets, priority] = splitPriority(table, rest);
  if (targets.length !== 1) throw new CliError(`expected one ${to} handle behind =>, found ${targets.length}`);
  const method = to === "member" ? "bm_mt_indirect_add_entry" : "bm_mt_indirect_ws_add_entry";
  return added(
    await context.client.call(method, {
      cxt,
      table: table.name,
      key: keyOf(table, key),
      target: decimal(targets[0] ?? "", `a ${to} handle`),
      options: { priority },
    }),
  );
}

/** Entries of tables whose actions are in a profile. */
export const indirectCommands: Commands = {
  table_indirect_add: {
    usage: "TABLE KEY... => MEMBER [PRIORITY]",
    summary: "add an entry that leads to a member of the action profile",
    completes: ["tables"],
    run: (words, context) => addIndirect(words, context, "member"),
  },
  table_indirect_add_with_group: {
    usage: "TABLE KEY... => GROUP [PRIORITY]",
    summary: "add an entry that leads to a group of the action profile",
    completes: ["tables"],
    run: (words, context) => addIndirect(words, context, "group"),
  },
  table_indirect_delete: {
    usage: "TABLE HANDLE",
    summary: "delete an entry of an indirect table",
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      requireIndirect(table, false);
      const handle = words.decimal("an entry handle");
      words.end();
      await context.client.call("bm_mt_indirect_delete_entry", { cxt, table: table.name, handle });
      return done;
    },
  },
  table_indirect_set_default: {
    usage: "TABLE MEMBER",
    summary: "set the member of a miss",
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      requireIndirect(table, false);
      const target = words.decimal("a member handle");
      words.end();
      await context.client.call("bm_mt_indirect_set_default_member", { cxt, table: table.name, target });
      return done;
    },
  },
  table_indirect_set_default_with_group: {
    usage: "TABLE GROUP",
    summary: "set the group of a miss",
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      requireIndirect(table, true);
      const target = words.decimal("a group handle");
      words.end();
      await context.client.call("bm_mt_indirect_ws_set_default_group", { cxt, table: table.name, target });
      return done;
    },
  },
  table_indirect_reset_default: {
    usage: "TABLE",
    summary: "let a miss do nothing",
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      requireIndirect(table, false);
      words.end();
      await context.client.call("bm_mt_indirect_reset_default_entry", { cxt, table: table.name });
      return done;
    },
  },
};
