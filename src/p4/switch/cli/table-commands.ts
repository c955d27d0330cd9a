import { findAction } from "./catalogue.ts";
import { CliError } from "./cli-error.ts";
import { type Commands, cxt, done } from "./command.ts";
import { dumpDefault, dumpEntry, dumpProfile, entryJson } from "./dump.ts";
import { added, keyOf, splitAtArrow, splitPriority, tableOf } from "./table-words.ts";
import { actionDataOf } from "./values.ts";

const noPriority = { priority: undefined };

/** Tables and their entries. */
export const tableCommands: Commands = {
  table_add: {
    usage: "TABLE ACTION KEY... => PARAMETER... [PRIORITY]",
    summary: "add an entry",
    completes: ["tables", "tableAction"],
    async run(words, context) {
      const table = tableOf(words, context);
      const action = findAction(table.actions, words.take("an action"));
      const [key, rest] = splitAtArrow(words);
      const [data, priority] = splitPriority(table, rest);
      return added(
        await context.client.call("bm_mt_add_entry", {
          cxt,
          table: table.name,
          key: keyOf(table, key),
          action: action.name,
          data: actionDataOf(action.parameters, data),
          options: { priority },
        }),
      );
    },
  },
  table_set_default: {
    usage: "TABLE ACTION PARAMETER...",
    summary: "set the action of a miss",
    completes: ["tables", "tableAction"],
    async run(words, context) {
      const table = tableOf(words, context);
      const action = findAction(table.actions, words.take("an action"));
      words.accept("=>");
      const data = actionDataOf(action.parameters, words.rest());
      await context.client.call("bm_mt_set_default_action", { cxt, table: table.name, action: action.name, data });
      return done;
    },
  },
  table_reset_default: {
    usage: "TABLE",
    summary: "set the action of a miss back to the program's",
    completes: ["tables"],
    async run(words, context) {
      const { name, profile } = tableOf(words, context);
      words.end();
      const method = profile === undefined ? "bm_mt_reset_default_entry" : "bm_mt_indirect_reset_default_entry";
      await context.client.call(method, { cxt, table: name });
      return done;
    },
  },
  table_modify: {
    usage: "TABLE ACTION HANDLE [=>] PARAMETER...",
    summary: "change the action of an entry",
    completes: ["tables", "tableAction"],
    async run(words, context) {
      const table = tableOf(words, context);
      const action = findAction(table.actions, words.take("an action"));
      const handle = words.decimal("an entry handle");
      words.accept("=>");
      const data = actionDataOf(action.parameters, words.rest());
      await context.client.call("bm_mt_modify_entry", { cxt, table: table.name, handle, action: action.name, data });
      return done;
    },
  },
  table_delete: {
    usage: "TABLE HANDLE",
    summary: "delete an entry",
    completes: ["tables"],
    async run(words, context) {
      const { name: table } = tableOf(words, context);
      const handle = words.decimal("an entry handle");
      words.end();
      await context.client.call("bm_mt_delete_entry", { cxt, table, handle });
      return done;
    },
  },
  table_clear: {
    usage: "TABLE",
    summary: "delete all entries",
    completes: ["tables"],
    async run(words, context) {
      const { name: table } = tableOf(words, context);
      words.end();
      await context.client.call("bm_mt_clear_entries", { cxt, table, resetDefault: false });
      return done;
    },
  },
  table_num_entries: {
    usage: "TABLE",
    summary: "how many entries there are",
    completes: ["tables"],
    async run(words, context) {
      const { name: table } = tableOf(words, context);
      words.end();
      const count = Number(await context.client.call("bm_mt_get_num_entries", { cxt, table }));
      return { text: String(count), value: { entries: count } };
    },
  },
  table_set_timeout: {
    usage: "TABLE HANDLE MILLISECONDS",
    summary: "after how long without a hit an entry is told; 0: never",
    completes: ["tables"],
    async run(words, context) {
      const { name: table, supportTimeout } = tableOf(words, context);
      if (!supportTimeout) throw new CliError("Table does not support entry timeouts");
      const handle = words.decimal("an entry handle");
      const timeoutMs = words.decimal("milliseconds");
      words.end();
      await context.client.call("bm_mt_set_entry_ttl", { cxt, table, handle, timeoutMs });
      return done;
    },
  },
  table_dump: {
    usage: "TABLE",
    summary: "all entries and what a miss does",
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      words.end();
      const { client } = context;
      const entries = await client.call("bm_mt_get_entries", { cxt, table: table.name });
      const profile = table.profile === undefined ? undefined : await dumpProfile(client, table.profile);
      const fallback = await client.call("bm_mt_get_default_entry", { cxt, table: table.name });
      const lines = [
        "==========",
        "TABLE ENTRIES",
        ...entries.flatMap((entry) => ["**********", ...dumpEntry(table, entry)]),
        ...(profile?.lines ?? []),
        "==========",
        "Dumping default entry",
        ...dumpDefault(fallback),
        "==========",
      ];
      const value = {
        table: table.name,
        entries: entries.map((entry) => entryJson(table, entry)),
        ...(profile === undefined ? {} : { members: profile.members, groups: profile.groups }),
        default: entryJson(table, { key: [], options: noPriority, handle: 0, action: fallback, life: undefined })
          .action,
      };
      return { text: lines.join("\n"), value };
    },
  },
  table_dump_entry: {
    usage: "TABLE HANDLE",
    summary: "one entry, by its handle",
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      const handle = words.decimal("an entry handle");
      words.end();
      const entry = await context.client.call("bm_mt_get_entry", { cxt, table: table.name, handle });
      return { text: dumpEntry(table, entry).join("\n"), value: entryJson(table, entry) };
    },
  },
  table_dump_entry_from_key: {
    usage: "TABLE KEY... [PRIORITY]",
    summary: "one entry, by its key",
    completes: ["tables"],
    async run(words, context) {
      const table = tableOf(words, context);
      const [texts, priority] = splitPriority(table, words.rest());
      const key = keyOf(table, texts);
      const entry = await context.client.call("bm_mt_get_entry_from_key", {
        cxt,
        table: table.name,
        key,
        options: { priority },
      });
      return { text: dumpEntry(table, entry).join("\n"), value: entryJson(table, entry) };
    },
  },
};
