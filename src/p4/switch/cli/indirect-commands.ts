import { type CliCommand, type Commands, cxt, done } from "./command.ts";
import { CliError } from "./cli-error.ts";
import { added, keyOf, requireIndirect, splitAtArrow, splitPriority, tableOf } from "./table-words.ts";
import { decimal } from "./words.ts";

/** Where entries of an indirect table lead. */
type Target = "member" | "group";

function addIndirect(to: Target): CliCommand {
  const method = to === "member" ? "bm_mt_indirect_add_entry" : "bm_mt_indirect_ws_add_entry";
  return {
    usage: `TABLE KEY... => ${to.toUpperCase()} [PRIORITY]`,
    summary: `add an entry that leads to a ${to} of the action profile`,
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      requireIndirect(table, to === "group");
      const [key, rest] = splitAtArrow(words);
      const [targets, priority] = splitPriority(table, rest);
      if (targets.length !== 1) throw new CliError(`expected one ${to} handle behind =>, found ${targets.length}`);
      return added(
        await context.client.call(method, {
          cxt,
          table: table.name,
          key: keyOf(table, key),
          target: decimal(targets[0] ?? "", `a ${to} handle`),
          options: { priority },
        }),
      );
    },
  };
}

function setIndirectDefault(to: Target): CliCommand {
  const method = to === "member" ? "bm_mt_indirect_set_default_member" : "bm_mt_indirect_ws_set_default_group";
  return {
    usage: `TABLE ${to.toUpperCase()}`,
    summary: `set the ${to} of a miss`,
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      requireIndirect(table, to === "group");
      const target = words.decimal(`a ${to} handle`);
      words.end();
      await context.client.call(method, { cxt, table: table.name, target });
      return done;
    },
  };
}

/** Entries of tables whose actions are in a profile. */
export const indirectCommands: Commands = {
  table_indirect_add: addIndirect("member"),
  table_indirect_add_with_group: addIndirect("group"),
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
  table_indirect_set_default: setIndirectDefault("member"),
  table_indirect_set_default_with_group: setIndirectDefault("group"),
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
