import type { Action, ActionProfile } from "../format/program.ts";
import { type BoundAction, bindAction } from "./bound-action.ts";
import { ControlError } from "./control-error.ts";
import { HandlePool } from "./handles.ts";
import type { KeyValue } from "./key.ts";

/** An action that entries and groups share. */
export interface Member {
  readonly handle: number;
  call: BoundAction;
  /** Entries and default entries that point to it. */
  uses: number;
  /** Groups that hold it. */
  groups: number;
}

/** Members among which a hash chooses, in ascending order of their handles. */
export interface Group {
  readonly handle: number;
  readonly members: Member[];
  uses: number;
}

/** The members and groups of an action profile. */
export class ProfileState {
  readonly profile: ActionProfile;
  readonly members = new HandlePool<Member>();
  readonly groups = new HandlePool<Group>();
  readonly #actions: readonly Action[];

  /** `actions` are those of the tables that use the profile. */
  constructor(profile: ActionProfile, actions: readonly Action[]) {
    this.profile = profile;
    this.#actions = actions;
  }

  addMember(action: string, data: readonly KeyValue[]): number {
    const call = bindAction(this.#action(action), data);
    const handle = this.members.next;
    this.members.add({ handle, call, uses: 0, groups: 0 });
    return handle;
  }

  modifyMember(handle: number, action: string, data: readonly KeyValue[]): void {
    const call = bindAction(this.#action(action), data);
    this.member(handle).call = call;
  }

  deleteMember(handle: number): void {
    const member = this.member(handle);
    if (member.uses > 0 || member.groups > 0) throw new ControlError("table", "MBR_STILL_USED");
    this.members.delete(handle);
  }

  createGroup(): number {
    const handle = this.groups.next;
    this.groups.add({ handle, members: [], uses: 0 });
    return handle;
  }

  /** A group may be deleted with its members in it, but not while an entry uses it. */
  deleteGroup(handle: number): void {
    const group = this.group(handle);
    if (group.uses > 0) throw new ControlError("table", "GRP_STILL_USED");
    for (const member of group.members) member.groups -= 1;
    this.groups.delete(handle);
  }

  addToGroup(memberHandle: number, groupHandle: number): void {
    const member = this.member(memberHandle);
    const { members } = this.group(groupHandle);
    if (members.includes(member)) throw new ControlError("table", "MBR_ALREADY_IN_GRP");
    members.push(member);
    members.sort((a, b) => a.handle - b.handle);
    member.groups += 1;
  }

  removeFromGroup(memberHandle: number, groupHandle: number): void {
    const member = this.member(memberHandle);
    const { members } = this.group(groupHandle);
    const at = members.indexOf(member);
    if (at < 0) throw new ControlError("table", "MBR_NOT_IN_GRP");
    members.splice(at, 1);
    member.groups -= 1;
  }

  /** Throws INVALID_MBR_HANDLE. */
  member(handle: number): Member {
    const member = this.members.get(handle);
    if (member === undefined) throw new ControlError("table", "INVALID_MBR_HANDLE");
    return member;
  }

  /** Throws INVALID_GRP_HANDLE. */
  group(handle: number): Group {
    const group = this.groups.get(handle);
    if (group === undefined) throw new ControlError("table", "INVALID_GRP_HANDLE");
    return group;
  }

  /** Instead of what is there: members and groups under their handles. */
  restore(
    members: readonly { readonly handle: number; readonly action: string; readonly data: readonly bigint[] }[],
    groups: readonly { readonly handle: number; readonly members: readonly number[] }[],
  ): void {
    this.clear();
    for (const { handle, action, data } of members) {
      this.members.put(handle, { handle, call: bindAction(this.#action(action), data), uses: 0, groups: 0 });
    }
    this.members.freeGaps();
    for (const { handle } of groups) this.groups.put(handle, { handle, members: [], uses: 0 });
    this.groups.freeGaps();
    for (const group of groups) for (const member of group.members) this.addToGroup(member, group.handle);
  }

  clear(): void {
    this.members.clear();
    this.groups.clear();
  }

  #action(name: string): Action {
    const action = this.#actions.find((candidate) => candidate.name === name);
    if (action === undefined) throw new ControlError("table", "INVALID_ACTION_NAME", name);
    return action;
  }
}
