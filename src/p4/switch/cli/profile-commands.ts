import type { ActionProfile, Table } from "../format/program.ts";
import { find, findAction } from "./catalogue.ts";
import { CliError } from "./cli-error.ts";
import { type CliCommand, type CliContext, type Commands, cxt, done, type Reply } from "./command.ts";
import { dumpGroup, dumpMember, dumpProfile, memberJson } from "./dump.ts";
import { requireIndirect } from "./table-words.ts";
import { actionDataOf } from "./values.ts";
import type { Words } from "./words.ts";

type OnProfile = (profile: ActionProfile, words: Words, context: CliContext) => Promise<Reply>;

/** Actions that members of a profile may have: those of the tables that use it. */
function actionOf({ name }: ActionProfile, word: string, { catalogue }: CliContext) {
  const users = catalogue.tables.filter(({ profile }) => profile?.name === name);
  return findAction(
    users.flatMap(({ actions }) => actions),
    word,
  );
}

const created = (kind: "Member" | "Group", handle: number): Reply => ({
  text: `${kind} has been created with handle ${handle}`,
  value: { handle },
});

function requireSelector({ name, selector }: ActionProfile): void {
  if (selector === undefined)
    throw new CliError(`Cannot run this command on an action profile without selector: ${name}`);
}

const createMember: OnProfile = async (profile, words, context) => {
  const action = actionOf(profile, words.take("an action"), context);
  const data = actionDataOf(action.parameters, words.rest());
  const values = { cxt, profile: profile.name, action: action.name, data };
  return created("Member", await context.client.call("bm_mt_act_prof_add_member", values));
};

const modifyMember: OnProfile = async (profile, words, context) => {
  const action = actionOf(profile, words.take("an action"), context);
  const member = words.decimal("a member handle");
  words.accept("=>");
  const data = actionDataOf(action.parameters, words.rest());
  const values = { cxt, profile: profile.name, member, action: action.name, data };
  await context.client.call("bm_mt_act_prof_modify_member", values);
  return done;
};

const deleteMember: OnProfile = async ({ name: profile }, words, { client }) => {
  const member = words.decimal("a member handle");
  words.end();
  await client.call("bm_mt_act_prof_delete_member", { cxt, profile, member });
  return done;
};

const createGroup: OnProfile = async (profile, words, { client }) => {
  requireSelector(profile);
  words.end();
  return created("Group", await client.call("bm_mt_act_prof_create_group", { cxt, profile: profile.name }));
};

const deleteGroup: OnProfile = async (profile, words, { client }) => {
  requireSelector(profile);
  const group = words.decimal("a group handle");
  words.end();
  await client.call("bm_mt_act_prof_delete_group", { cxt, profile: profile.name, group });
  return done;
};

const membership =
  (method: "bm_mt_act_prof_add_member_to_group" | "bm_mt_act_prof_remove_member_from_group"): OnProfile =>
  async (profile, words, { client }) => {
    requireSelector(profile);
    const member = words.decimal("a member handle");
    const group = words.decimal("a group handle");
    words.end();
    await client.call(method, { cxt, profile: profile.name, member, group });
    return done;
  };

const dumpOneMember: OnProfile = async ({ name: profile }, words, { client }) => {
  const member = words.decimal("a member handle");
  words.end();
  const found = await client.call("bm_mt_act_prof_get_member", { cxt, profile, member });
  return { text: dumpMember(found).join("\n"), value: memberJson(found) };
};

const dumpOneGroup: OnProfile = async ({ name: profile }, words, { client }) => {
  const group = words.decimal("a group handle");
  words.end();
  const { handle, members } = await client.call("bm_mt_act_prof_get_group", { cxt, profile, group });
  return { text: dumpGroup({ handle, members }).join("\n"), value: { handle, members } };
};

const dumpAll: OnProfile = async (profile, words, { client }) => {
  words.end();
  const { lines, members, groups } = await dumpProfile(client, profile);
  return { text: [...lines, "=========="].join("\n"), value: { members, groups } };
};

function onProfile(usage: string, summary: string, run: OnProfile): CliCommand {
  return {
    usage: `PROFILE${usage}`,
    summary,
    completes: ["profiles", ...(usage.includes("ACTION") ? (["actions"] as const) : [])],
    run: (words, context) => run(find(context.catalogue, "profiles", words.take("an action profile")), words, context),
  };
}

/** The older form of the same: on the profile of a table that shares it with no other. */
function onTable(usage: string, summary: string, run: OnProfile, shared = false): CliCommand {
  return {
    usage: `TABLE${usage}`,
    summary: `${summary}, by its table`,
    completes: ["tables", ...(usage.includes("ACTION") ? (["tableAction"] as const) : [])],
    run: (words, context) => run(profileOf(words, context, shared), words, context),
  };
}

function profileOf(words: Words, { catalogue }: CliContext, shared: boolean): ActionProfile {
  const table: Table = find(catalogue, "tables", words.take("a table"));
  requireIndirect(table, false);
  const { profile } = table;
  if (profile === undefined) throw new CliError(`table ${table.name} has no action profile`);
  const users = catalogue.tables.filter((other) => other.profile?.name === profile.name);
  if (!shared && users.length > 1)
    throw new CliError(`action profile ${profile.name} is shared: use the act_prof_ commands`);
  return profile;
}

const verbs = {
  create_member: [" ACTION PARAMETER...", "add a member", createMember],
  modify_member: [" ACTION MEMBER [=>] PARAMETER...", "change a member's action", modifyMember],
  delete_member: [" MEMBER", "delete a member", deleteMember],
  create_group: ["", "add an empty group", createGroup],
  delete_group: [" GROUP", "delete a group", deleteGroup],
  add_member_to_group: [" MEMBER GROUP", "put a member into a group", membership("bm_mt_act_prof_add_member_to_group")],
  remove_member_from_group: [
    " MEMBER GROUP",
    "take a member out of a group",
    membership("bm_mt_act_prof_remove_member_from_group"),
  ],
} as const;

/** Action profiles, their members and groups. */
export const profileCommands: Commands = {
  ...Object.fromEntries(
    Object.entries(verbs).flatMap(([verb, [usage, summary, run]]) => [
      [`act_prof_${verb}`, onProfile(usage, summary, run)],
      [`table_indirect_${verb}`, onTable(usage, summary, run)],
    ]),
  ),
  act_prof_dump: onProfile("", "all members and groups", dumpAll),
  act_prof_dump_member: onProfile(" MEMBER", "one member", dumpOneMember),
  act_prof_dump_group: onProfile(" GROUP", "one group", dumpOneGroup),
  table_dump_member: onTable(" MEMBER", "one member", dumpOneMember, true),
  table_dump_group: onTable(" GROUP", "one group", dumpOneGroup, true),
};
