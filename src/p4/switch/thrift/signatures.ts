import { binary, bool, i16, i32, i64, list, string } from "./codec.ts";
import { context, signature } from "./method.ts";
import {
  actionData,
  actionEntry,
  addEntryOptions,
  counterValue,
  crc16Config,
  crc32Config,
  matchParams,
  meterRates,
  mirroringSession,
  portInfo,
  profileGroup,
  profileMember,
  switchInfo,
  tableEntry,
} from "./types.ts";

const table = { ...context, table: [2, string] } as const;
const profile = { ...context, profile: [2, string] } as const;
const named = { ...context, name: [2, string] } as const;
const handle = { handle: [3, i32] } as const;
const actionAt3 = { action: [3, string], data: [4, actionData] } as const;
const actionAt4 = { action: [4, string], data: [5, actionData] } as const;

/** Methods of the service `standard`. */
export const standardSignatures = {
  bm_mt_get_num_entries: signature(table, "table", i64),
  bm_mt_clear_entries: signature({ ...table, resetDefault: [3, bool] }, "table"),
  bm_mt_add_entry: signature(
    { ...table, key: [3, matchParams], action: [4, string], data: [5, actionData], options: [6, addEntryOptions] },
    "table",
    i32,
  ),
  bm_mt_set_default_action: signature({ ...table, ...actionAt3 }, "table"),
  bm_mt_reset_default_entry: signature(table, "table"),
  bm_mt_delete_entry: signature({ ...table, ...handle }, "table"),
  bm_mt_modify_entry: signature({ ...table, ...handle, ...actionAt4 }, "table"),
  bm_mt_set_entry_ttl: signature({ ...table, ...handle, timeoutMs: [4, i32] }, "table"),
  bm_mt_indirect_add_entry: signature(
    { ...table, key: [3, matchParams], target: [4, i32], options: [5, addEntryOptions] },
    "table",
    i32,
  ),
  bm_mt_indirect_ws_add_entry: signature(
    { ...table, key: [3, matchParams], target: [4, i32], options: [5, addEntryOptions] },
    "table",
    i32,
  ),
  bm_mt_indirect_modify_entry: signature({ ...table, ...handle, target: [4, i32] }, "table"),
  bm_mt_indirect_ws_modify_entry: signature({ ...table, ...handle, target: [4, i32] }, "table"),
  bm_mt_indirect_delete_entry: signature({ ...table, ...handle }, "table"),
  bm_mt_indirect_set_entry_ttl: signature({ ...table, ...handle, timeoutMs: [4, i32] }, "table"),
  bm_mt_indirect_set_default_member: signature({ ...table, target: [3, i32] }, "table"),
  bm_mt_indirect_ws_set_default_group: signature({ ...table, target: [3, i32] }, "table"),
  bm_mt_indirect_reset_default_entry: signature(table, "table"),
  bm_mt_read_counter: signature({ ...table, ...handle }, "table", counterValue),
  bm_mt_reset_counters: signature(table, "table"),
  bm_mt_write_counter: signature({ ...table, ...handle, value: [4, counterValue] }, "table"),
  bm_mt_get_meter_rates: signature({ ...table, ...handle }, "table", meterRates),
  bm_mt_set_meter_rates: signature({ ...table, ...handle, rates: [4, meterRates] }, "table"),
  bm_mt_get_entries: signature(table, "table", list(tableEntry)),
  bm_mt_get_entry: signature({ ...table, ...handle }, "table", tableEntry),
  bm_mt_get_default_entry: signature(table, "table", actionEntry),
  bm_mt_get_entry_from_key: signature(
    { ...table, key: [3, matchParams], options: [4, addEntryOptions] },
    "table",
    tableEntry,
  ),

  bm_mt_act_prof_add_member: signature({ ...profile, ...actionAt3 }, "table", i32),
  bm_mt_act_prof_modify_member: signature({ ...profile, member: [3, i32], ...actionAt4 }, "table"),
  bm_mt_act_prof_delete_member: signature({ ...profile, member: [3, i32] }, "table"),
  bm_mt_act_prof_create_group: signature(profile, "table", i32),
  bm_mt_act_prof_delete_group: signature({ ...profile, group: [3, i32] }, "table"),
  bm_mt_act_prof_add_member_to_group: signature({ ...profile, member: [3, i32], group: [4, i32] }, "table"),
  bm_mt_act_prof_remove_member_from_group: signature({ ...profile, member: [3, i32], group: [4, i32] }, "table"),
  bm_mt_act_prof_get_members: signature(profile, "table", list(profileMember)),
  bm_mt_act_prof_get_groups: signature(profile, "table", list(profileGroup)),
  bm_mt_act_prof_get_member: signature({ ...profile, member: [3, i32] }, "table", profileMember),
  bm_mt_act_prof_get_group: signature({ ...profile, group: [3, i32] }, "table", profileGroup),

  bm_counter_read: signature({ ...named, index: [3, i32] }, "counter", counterValue),
  bm_counter_write: signature({ ...named, index: [3, i32], value: [4, counterValue] }, "counter"),
  bm_counter_reset_all: signature(named, "counter"),
  bm_learning_ack: signature({ ...context, list: [2, i32], buffer: [3, i64], samples: [4, list(i32)] }, "learning"),
  bm_learning_ack_buffer: signature({ ...context, list: [2, i32], buffer: [3, i64] }, "learning"),
  bm_learning_set_timeout: signature({ ...context, list: [2, i32], timeoutMs: [3, i32] }, "learning"),
  bm_learning_set_buffer_size: signature({ ...context, list: [2, i32], samples: [3, i32] }, "learning"),
  bm_load_new_config: signature({ text: [1, string] }, "swap"),
  bm_swap_configs: signature({}, "swap"),
  bm_meter_array_set_rates: signature({ ...named, rates: [3, meterRates] }, "meter"),
  bm_meter_set_rates: signature({ ...named, index: [3, i32], rates: [4, meterRates] }, "meter"),
  bm_meter_get_rates: signature({ ...named, index: [3, i32] }, "meter", meterRates),
  bm_register_read: signature({ ...named, index: [3, i32] }, "register", i64),
  bm_register_write: signature({ ...named, index: [3, i32], value: [4, i64] }, "register"),
  bm_register_write_range: signature({ ...named, start: [3, i32], end: [4, i32], value: [5, i64] }, "register"),
  bm_register_read_all: signature(named, "register", list(i64)),
  bm_register_reset: signature(named, "register"),
  bm_parse_vset_add: signature({ ...named, value: [3, binary] }, "valueSet"),
  bm_parse_vset_remove: signature({ ...named, value: [3, binary] }, "valueSet"),
  bm_parse_vset_get: signature(named, "valueSet", list(binary)),
  bm_parse_vset_clear: signature(named, "valueSet"),
  bm_dev_mgr_add_port: signature({ interface: [1, string], port: [2, i32], pcap: [3, string] }, "device"),
  bm_dev_mgr_remove_port: signature({ port: [1, i32] }, "device"),
  bm_dev_mgr_show_ports: signature({}, "device", list(portInfo)),
  bm_set_crc16_custom_parameters: signature({ ...named, config: [3, crc16Config] }, "calculation"),
  bm_set_crc32_custom_parameters: signature({ ...named, config: [3, crc32Config] }, "calculation"),
  bm_set_toeplitz_hash_key: signature({ ...named, key: [3, binary] }, "calculation"),
  bm_get_id_from_name: signature({ ...context, type: [2, i32], name: [3, string] }, "lookup", i32),
  bm_mgmt_get_info: signature({}, undefined, switchInfo),
  bm_reset_state: signature({}, undefined),
  bm_get_config: signature({}, undefined, string),
  bm_get_config_md5: signature({}, undefined, binary),
  // A string in the IDL, but no UTF-8.
  bm_serialize_state: signature({}, undefined, binary),
} as const;

/** Methods of the service `simple_pre_lag`. */
export const multicastSignatures = {
  bm_mc_mgrp_create: signature({ ...context, group: [2, i32] }, "multicast", i32),
  bm_mc_mgrp_destroy: signature({ ...context, group: [2, i32] }, "multicast"),
  bm_mc_node_create: signature({ ...context, rid: [2, i32], ports: [3, string], lags: [4, string] }, "multicast", i32),
  bm_mc_node_update: signature({ ...context, node: [2, i32], ports: [3, string], lags: [4, string] }, "multicast"),
  bm_mc_node_destroy: signature({ ...context, node: [2, i32] }, "multicast"),
  bm_mc_node_associate: signature({ ...context, group: [2, i32], node: [3, i32] }, "multicast"),
  bm_mc_node_dissociate: signature({ ...context, group: [2, i32], node: [3, i32] }, "multicast"),
  bm_mc_set_lag_membership: signature({ ...context, lag: [2, i16], ports: [3, string] }, "multicast"),
  bm_mc_get_entries: signature(context, "multicast", string),
} as const;

/** Methods of the service `simple_switch`. */
export const switchSignatures = {
  mirroring_session_add: signature({ session: [1, i32], config: [2, mirroringSession] }, "mirroring"),
  mirroring_session_delete: signature({ session: [1, i32] }, "mirroring"),
  mirroring_session_get: signature({ session: [1, i32] }, "mirroring", mirroringSession),
  mirroring_mapping_add: signature({ session: [1, i32], port: [2, i32] }, undefined, i32),
  mirroring_mapping_delete: signature({ session: [1, i32] }, undefined, i32),
  mirroring_mapping_get_egress_port: signature({ session: [1, i32] }, undefined, i32),
  set_egress_priority_queue_depth: signature({ port: [1, i32], priority: [2, i32], depth: [3, i32] }, undefined, i32),
  set_egress_priority_queue_rate: signature({ port: [1, i32], priority: [2, i32], rate: [3, i64] }, undefined, i32),
  set_egress_queue_depth: signature({ port: [1, i32], depth: [2, i32] }, undefined, i32),
  set_egress_queue_rate: signature({ port: [1, i32], rate: [2, i64] }, undefined, i32),
  set_all_egress_queue_depths: signature({ depth: [1, i32] }, undefined, i32),
  set_all_egress_queue_rates: signature({ rate: [1, i64] }, undefined, i32),
  get_time_elapsed_us: signature({}, undefined, i64),
  get_time_since_epoch_us: signature({}, undefined, i64),
} as const;
