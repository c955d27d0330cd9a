import { CliError } from "./cli-error.ts";
import { type Commands, cxt, done } from "./command.ts";
import { decimal, type Words } from "./words.ts";

/** Port numbers as the text of a binary number, port 0 on the right; empty for none. */
function mapOf(words: readonly string[], expected: string): string {
  const numbers = words.map((word) => decimal(word, expected));
  if (numbers.some((number) => number < 0 || number > 511)) throw new CliError(`${expected}: expected 0 to 511`);
  const length = numbers.length === 0 ? 0 : Math.max(...numbers) + 1;
  return Array.from({ length }, (_, at) => (numbers.includes(length - 1 - at) ? "1" : "0")).join("");
}

function portsAndLags(words: Words): { readonly ports: string; readonly lags: string } {
  const all = words.rest();
  const bar = all.indexOf("|");
  const ports = bar < 0 ? all : all.slice(0, bar);
  return { ports: mapOf(ports, "a port"), lags: mapOf(bar < 0 ? [] : all.slice(bar + 1), "a LAG") };
}

interface McEntries {
  readonly mgrps: readonly { readonly id: number; readonly l1_handles: readonly number[] }[];
  readonly l1_handles: readonly { readonly handle: number; readonly rid: number; readonly l2_handle: number }[];
  readonly l2_handles: readonly {
    readonly handle: number;
    readonly ports: readonly number[];
    readonly lags: readonly number[];
  }[];
  readonly lags: readonly { readonly id: number; readonly ports: readonly number[] }[];
}

function dumpGroups({ mgrps, l1_handles, l2_handles, lags }: McEntries): readonly string[] {
  const node = (handle: number): string => {
    const first = l1_handles.find((candidate) => candidate.handle === handle);
    const second = l2_handles.find((candidate) => candidate.handle === first?.l2_handle);
    const ports = second?.ports.join(", ") ?? "";
    return `  -> (L1h=${handle}, rid=${first?.rid ?? "?"}) -> (ports=[${ports}], lags=[${second?.lags.join(", ") ?? ""}])`;
  };
  const used = new Set(mgrps.flatMap((group) => group.l1_handles));
  const unused = l1_handles.filter(({ handle }) => !used.has(handle));
  return [
    "==========",
    "MC ENTRIES",
    ...mgrps.flatMap((group) => ["**********", `mgrp(${group.id})`, ...group.l1_handles.map(node)]),
    "==========",
    "LAGS",
    ...lags.map(({ id, ports }) => `lag(${id}) -> ports=[${ports.join(", ")}]`),
    "==========",
    ...(unused.length === 0 ? [] : ["NODES IN NO GROUP", ...unused.map(({ handle }) => node(handle)), "=========="]),
  ];
}

/** The replication engine and clone sessions. */
export const replicationCommands: Commands = {
  mc_mgrp_create: {
    usage: "GROUP",
    summary: "create a multicast group",
    async run(words, { client }) {
      const group = words.decimal("a group");
      words.end();
      await client.call("bm_mc_mgrp_create", { cxt, group });
      return done;
    },
  },
  mc_mgrp_destroy: {
    usage: "GROUP",
    summary: "destroy a multicast group",
    async run(words, { client }) {
      const group = words.decimal("a group");
      words.end();
      await client.call("bm_mc_mgrp_destroy", { cxt, group });
      return done;
    },
  },
  mc_node_create: {
    usage: "RID PORT... [| LAG...]",
    summary: "create a node: a replication id and where its copies go",
    async run(words, { client }) {
      const rid = words.decimal("a replication id");
      const handle = await client.call("bm_mc_node_create", { cxt, rid, ...portsAndLags(words) });
      return { text: `node was created with handle ${handle}`, value: { handle } };
    },
  },
  mc_node_update: {
    usage: "NODE PORT... [| LAG...]",
    summary: "change where a node's copies go",
    async run(words, { client }) {
      const node = words.decimal("a node handle");
      await client.call("bm_mc_node_update", { cxt, node, ...portsAndLags(words) });
      return done;
    },
  },
  mc_node_destroy: {
    usage: "NODE",
    summary: "destroy a node",
    async run(words, { client }) {
      const node = words.decimal("a node handle");
      words.end();
      await client.call("bm_mc_node_destroy", { cxt, node });
      return done;
    },
  },
  mc_node_associate: {
    usage: "GROUP NODE",
    summary: "put a node into a group",
    async run(words, { client }) {
      const [group, node] = [words.decimal("a group"), words.decimal("a node handle")];
      words.end();
      await client.call("bm_mc_node_associate", { cxt, group, node });
      return done;
    },
  },
  mc_node_dissociate: {
    usage: "GROUP NODE",
    summary: "take a node out of a group",
    async run(words, { client }) {
      const [group, node] = [words.decimal("a group"), words.decimal("a node handle")];
      words.end();
      await client.call("bm_mc_node_dissociate", { cxt, group, node });
      return done;
    },
  },
  mc_set_lag_membership: {
    usage: "LAG PORT...",
    summary: "set the ports of a link aggregation group",
    async run(words, { client }) {
      const lag = words.decimal("a LAG");
      await client.call("bm_mc_set_lag_membership", { cxt, lag, ports: mapOf(words.rest(), "a port") });
      return done;
    },
  },
  mc_dump: {
    usage: "",
    summary: "all groups, nodes and LAGs",
    async run(words, { client }) {
      words.end();
      const entries = JSON.parse(await client.call("bm_mc_get_entries", { cxt })) as McEntries;
      return { text: dumpGroups(entries).join("\n"), value: entries };
    },
  },
  mirroring_add: {
    usage: "SESSION PORT",
    summary: "clones of a session go to a port",
    async run(words, { client }) {
      const [session, port] = [words.decimal("a session"), words.decimal("a port")];
      words.end();
      await client.call("mirroring_session_add", { session, config: { port, group: undefined } });
      return done;
    },
  },
  mirroring_add_mc: {
    usage: "SESSION GROUP",
    summary: "clones of a session go to a multicast group",
    async run(words, { client }) {
      const [session, group] = [words.decimal("a session"), words.decimal("a group")];
      words.end();
      await client.call("mirroring_session_add", { session, config: { port: undefined, group } });
      return done;
    },
  },
  mirroring_get: {
    usage: "SESSION",
    summary: "where clones of a session go",
    async run(words, { client }) {
      const session = words.decimal("a session");
      words.end();
      const { port, group } = await client.call("mirroring_session_get", { session });
      const text = `MirroringSessionConfig(port=${port ?? "None"}, mgid=${group ?? "None"})`;
      return { text, value: { session, port: port ?? null, group: group ?? null } };
    },
  },
  mirroring_delete: {
    usage: "SESSION",
    summary: "make no clones for a session",
    async run(words, { client }) {
      const session = words.decimal("a session");
      words.end();
      await client.call("mirroring_session_delete", { session });
      return done;
    },
  },
};
