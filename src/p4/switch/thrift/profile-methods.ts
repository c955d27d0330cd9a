import type { SwitchControl } from "../control/switch-control.ts";
import { ControlError } from "../state/control-error.ts";
import { type Method, method } from "./method.ts";
import { standardSignatures as signatures } from "./signatures.ts";
import type { Group, Member } from "../state/profile-state.ts";
import { dataToWire } from "./entries.ts";

/** Methods on action profiles. */
export function profileMethods(control: SwitchControl): Record<string, Method> {
  const memberToWire = ({ handle, call }: Member) => ({ handle, action: call.action.name, data: dataToWire(call) });
  const groupToWire = ({ handle, members }: Group) => ({ handle, members: members.map((member) => member.handle) });
  const all = <T>(name: string, read: (profile: ReturnType<SwitchControl["profile"]>) => T): T | undefined => {
    try {
      return read(control.profile(name));
    } catch (error) {
      if (error instanceof ControlError && error.code === "INVALID_ACTION_PROFILE_NAME") return undefined;
      throw error;
    }
  };
  return {
    bm_mt_act_prof_add_member: method(signatures.bm_mt_act_prof_add_member, ({ profile, action, data }) =>
      control.profile(profile).addMember(action, data),
    ),
    bm_mt_act_prof_modify_member: method(
      signatures.bm_mt_act_prof_modify_member,
      ({ profile, member, action, data }) => {
        control.profile(profile).modifyMember(member, action, data);
        return undefined;
      },
    ),
    bm_mt_act_prof_delete_member: method(signatures.bm_mt_act_prof_delete_member, ({ profile, member }) => {
      control.profile(profile).deleteMember(member);
      return undefined;
    }),
    bm_mt_act_prof_create_group: method(signatures.bm_mt_act_prof_create_group, ({ profile }) =>
      control.profile(profile).createGroup(),
    ),
    bm_mt_act_prof_delete_group: method(signatures.bm_mt_act_prof_delete_group, ({ profile, group }) => {
      control.profile(profile).deleteGroup(group);
      return undefined;
    }),
    bm_mt_act_prof_add_member_to_group: method(
      signatures.bm_mt_act_prof_add_member_to_group,
      ({ profile, member, group }) => {
        control.profile(profile).addToGroup(member, group);
        return undefined;
      },
    ),
    bm_mt_act_prof_remove_member_from_group: method(
      signatures.bm_mt_act_prof_remove_member_from_group,
      ({ profile, member, group }) => {
        control.profile(profile).removeFromGroup(member, group);
        return undefined;
      },
    ),
    bm_mt_act_prof_get_members: method(
      signatures.bm_mt_act_prof_get_members,
      ({ profile }) =>
        all(profile, ({ members }) => [...members.entries()].map(([, member]) => memberToWire(member))) ?? [],
    ),
    bm_mt_act_prof_get_groups: method(
      signatures.bm_mt_act_prof_get_groups,
      ({ profile }) => all(profile, ({ groups }) => [...groups.entries()].map(([, group]) => groupToWire(group))) ?? [],
    ),
    bm_mt_act_prof_get_member: method(signatures.bm_mt_act_prof_get_member, ({ profile, member }) =>
      memberToWire(control.profile(profile).member(member)),
    ),
    bm_mt_act_prof_get_group: method(signatures.bm_mt_act_prof_get_group, ({ profile, group }) =>
      groupToWire(control.profile(profile).group(group)),
    ),
  };
}
