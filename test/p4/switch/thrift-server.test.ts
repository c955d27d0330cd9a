import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { routedPacket, routerProgram, routerTable } from "../../../src/bench/lpm-router.ts";
import { filePort, type RunningSwitch, runSwitch, type SwitchDeclaration } from "../../../src/p4/switch/index.ts";
import { PcapReader, pcapHeader, pcapRecord } from "../../../src/p4/switch/port/pcap.ts";
import { ThriftClient } from "../../../src/p4/switch/thrift/client.ts";
import { assign, call, extract, field, hex, named, param, ProgramBuilder } from "./program-builder.ts";

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "kestrel-p4-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

async function start(text: string, more: Partial<SwitchDeclaration> = {}): Promise<RunningSwitch> {
  const program = join(await directory(), "program.json");
  await writeFile(program, text);
  const running = await runSwitch({
    program,
    ports: [],
    thriftPort: 0,
    thriftAddress: "127.0.0.1",
    deviceId: 7,
    enableSwap: true,
    dropPort: 511,
    priorityQueues: 1,
    seed: 1,
    log: () => undefined,
    ...more,
  });
  onTestFinished(() => running[Symbol.asyncDispose]());
  return running;
}

async function connect({ thriftPort }: RunningSwitch): Promise<ThriftClient> {
  const client = await ThriftClient.connect(thriftPort);
  onTestFinished(() => {
    client[Symbol.dispose]();
  });
  return client;
}

const action = "ipv4_forward";
const none = { exact: undefined, lpm: undefined, ternary: undefined, valid: undefined, range: undefined };
const prefix = (key: string, prefixLength: number) => ({
  ...none,
  type: 1,
  lpm: { key: Buffer.from(key, "hex"), prefixLength },
});
const fwd = { action, data: [Buffer.from("0200000000ff", "hex"), Buffer.from([2])] };
const noOptions = { priority: undefined };

test("tables are programmed over the wire, and refusals have the reference's names", async () => {
  const client = await connect(await start(routerProgram("lpm")));
  const add = (key: string, length: number, more: object = {}) =>
    client.call("bm_mt_add_entry", {
      cxt: 0,
      table: routerTable,
      key: [prefix(key, length)],
      ...fwd,
      options: noOptions,
      ...more,
    });
  expect(await add("0a000000", 8)).toBe(0);
  expect(await add("0a010000", 16)).toBe(1);
  await expect(add("0a0100ff", 16)).rejects.toThrow("DUPLICATE_ENTRY");
  await expect(add("0a0100", 16)).rejects.toThrow("BAD_MATCH_KEY");
  await expect(add("0a010000", 33)).rejects.toThrow("BAD_MATCH_KEY");
  await expect(add("0a020000", 16, { key: [{ ...none, type: 0, exact: { key: Buffer.alloc(4) } }] })).rejects.toThrow(
    "BAD_MATCH_KEY",
  );
  await expect(add("0a020000", 16, { action: "nope" })).rejects.toThrow("INVALID_ACTION_NAME");
  await expect(add("0a020000", 16, { data: [] })).rejects.toThrow("BAD_ACTION_DATA");
  await expect(add("0a020000", 16, { table: "nope", key: [] })).rejects.toThrow("INVALID_TABLE_NAME");
  await client.call("bm_mt_delete_entry", { cxt: 0, table: routerTable, handle: 0 });
  await expect(client.call("bm_mt_delete_entry", { cxt: 0, table: routerTable, handle: 0 })).rejects.toThrow(
    "INVALID_HANDLE",
  );
  expect(await add("0b000000", 8)).toBe(1 << 24);
  await expect(client.call("bm_mt_get_entry", { cxt: 0, table: routerTable, handle: 0 })).rejects.toThrow(
    "EXPIRED_HANDLE",
  );
  const entry = await client.call("bm_mt_get_entry_from_key", {
    cxt: 0,
    table: routerTable,
    key: [prefix("0b0000aa", 8)],
    options: noOptions,
  });
  expect(entry).toMatchObject({ handle: 1 << 24, action: { type: 1, name: action }, options: { priority: -1 } });
  expect(await client.call("bm_mt_get_num_entries", { cxt: 0, table: routerTable })).toBe(2n);
  await expect(client.call("bm_mt_read_counter", { cxt: 0, table: routerTable, handle: 1 })).rejects.toThrow(
    "COUNTERS_DISABLED",
  );
  await expect(
    client.call("bm_mt_set_entry_ttl", { cxt: 0, table: routerTable, handle: 1, timeoutMs: 5 }),
  ).rejects.toThrow("AGEING_DISABLED");
  await expect(client.call("bm_register_read", { cxt: 1, name: "r", index: 0 })).rejects.toThrow("no context");
  expect(await client.call("bm_mgmt_get_info", {})).toMatchObject({ deviceId: 7n });
});

test("profiles, registers, counters, meters, sessions and groups answer as the reference does", async () => {
  const text = new ProgramBuilder()
    .header("h", [["a", 8]])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .register("r", 4, 8)
    .counter("c", 2)
    .meter("m", 2)
    .valueSet("v", 12)
    .calculation("crc", "crc16_custom", field("h.a"))
    .action(
      "go",
      [["p", 9]],
      assign("standard_metadata.egress_spec", param(0)),
      call("count", named("counter_array", "c"), hex(1)),
    )
    .profile("ingress", "prof", { algo: "crc16", input: [field("h.a")] })
    .table("ingress", "t", {
      key: [["exact", "h.a"]],
      actions: ["go"],
      default: null,
      more: { type: "indirect_ws", action_profile: "prof" },
    })
    .text();
  const running = await start(text);
  const client = await connect(running);
  const profile = { cxt: 0, profile: "prof" };
  expect(await client.call("bm_mt_act_prof_add_member", { ...profile, action: "go", data: [Buffer.from([3])] })).toBe(
    0,
  );
  expect(await client.call("bm_mt_act_prof_add_member", { ...profile, action: "go", data: [Buffer.from([4])] })).toBe(
    1,
  );
  const group = await client.call("bm_mt_act_prof_create_group", profile);
  const exact = (value: number) => [{ ...none, type: 0, exact: { key: Buffer.from([value]) } }];
  const addGroup = (value: number) =>
    client.call("bm_mt_indirect_ws_add_entry", {
      cxt: 0,
      table: "t",
      key: exact(value),
      target: group,
      options: noOptions,
    });
  await expect(addGroup(1)).rejects.toThrow("EMPTY_GRP");
  for (const member of [1, 0]) await client.call("bm_mt_act_prof_add_member_to_group", { ...profile, member, group });
  await expect(client.call("bm_mt_act_prof_add_member_to_group", { ...profile, member: 1, group })).rejects.toThrow(
    "MBR_ALREADY_IN_GRP",
  );
  await addGroup(1);
  await client.call("bm_mt_indirect_add_entry", { cxt: 0, table: "t", key: exact(2), target: 1, options: noOptions });
  await expect(client.call("bm_mt_act_prof_delete_member", { ...profile, member: 1 })).rejects.toThrow(
    "MBR_STILL_USED",
  );
  await expect(client.call("bm_mt_act_prof_delete_group", { ...profile, group })).rejects.toThrow("GRP_STILL_USED");
  expect(await client.call("bm_mt_act_prof_get_groups", profile)).toEqual([{ handle: 0, members: [0, 1] }]);
  await expect(
    client.call("bm_mt_add_entry", { cxt: 0, table: "t", key: exact(9), action: "go", data: [], options: noOptions }),
  ).rejects.toThrow("WRONG_TABLE_TYPE");

  await client.call("bm_register_write", { cxt: 0, name: "r", index: 1, value: -1n });
  expect(await client.call("bm_register_read_all", { cxt: 0, name: "r" })).toEqual([0n, 255n, 0n, 0n]);
  await expect(client.call("bm_register_read", { cxt: 0, name: "r", index: 4 })).rejects.toThrow("INVALID_INDEX");
  await expect(
    client.call("bm_register_write_range", { cxt: 0, name: "r", start: 2, end: 5, value: 1n }),
  ).rejects.toThrow("INVALID_INDEX");
  const rate = (unitsPerMicros: number) => ({ unitsPerMicros, burst: 10 });
  await expect(
    client.call("bm_meter_set_rates", { cxt: 0, name: "m", index: 0, rates: [rate(2), rate(1)] }),
  ).rejects.toThrow("INVALID_INFO_RATE_VALUE");
  await expect(client.call("bm_meter_set_rates", { cxt: 0, name: "m", index: 0, rates: [rate(2)] })).rejects.toThrow(
    "BAD_RATES_LIST",
  );
  expect(await client.call("bm_meter_get_rates", { cxt: 0, name: "m", index: 0 })).toEqual([]);
  await client.call("bm_meter_array_set_rates", { cxt: 0, name: "m", rates: [rate(1), rate(2)] });
  expect(await client.call("bm_meter_get_rates", { cxt: 0, name: "m", index: 1 })).toEqual([rate(1), rate(2)]);
  // The reference's own client sends one zero byte too many.
  await client.call("bm_parse_vset_add", { cxt: 0, name: "v", value: Buffer.from("000abc", "hex") });
  expect(
    (await client.call("bm_parse_vset_get", { cxt: 0, name: "v" })).map((value) => Buffer.from(value).toString("hex")),
  ).toEqual(["0abc"]);
  await expect(
    client.call("bm_set_crc32_custom_parameters", {
      cxt: 0,
      name: "crc",
      config: { polynomial: 1, initial: 0, finalXor: 0, reflectData: true, reflectRemainder: true },
    }),
  ).rejects.toThrow("WRONG_TYPE_CALCULATION");
  expect(await client.call("bm_get_id_from_name", { cxt: 0, type: 1, name: "prof" })).toBe(0);
  await expect(client.call("bm_get_id_from_name", { cxt: 0, type: 9, name: "prof" })).rejects.toThrow(
    "INVALID_RESOURCE_TYPE",
  );

  await client.call("mirroring_session_add", { session: 5, config: { port: 3, group: undefined } });
  expect(await client.call("mirroring_session_get", { session: 5 })).toEqual({ port: 3, group: undefined });
  await client.call("bm_mc_mgrp_create", { cxt: 0, group: 5 });
  const node = await client.call("bm_mc_node_create", { cxt: 0, rid: 7, ports: "110", lags: "1" });
  await client.call("bm_mc_node_associate", { cxt: 0, group: 5, node });
  await client.call("bm_mc_set_lag_membership", { cxt: 0, lag: 3, ports: "110000" });
  await expect(client.call("bm_mc_node_associate", { cxt: 0, group: 5, node })).rejects.toThrow("ERROR");
  await expect(client.call("bm_mc_node_update", { cxt: 0, node: 9, ports: "1", lags: "" })).rejects.toThrow(
    "INVALID_L1_HANDLE",
  );
  expect(JSON.parse(await client.call("bm_mc_get_entries", { cxt: 0 }))).toEqual({
    mgrps: [{ id: 5, l1_handles: [0] }],
    l1_handles: [{ handle: 0, rid: 7, l2_handle: 0 }],
    l2_handles: [{ handle: 0, ports: [1, 2], lags: [0] }],
    lags: [{ id: 3, ports: [4, 5] }],
  });
  await expect(client.call("bm_dev_mgr_remove_port", { port: 3 })).rejects.toThrow("ERROR");
  expect(await client.call("bm_dev_mgr_show_ports", {})).toEqual([]);
});

test("a changed program is loaded, programmed and swapped in, and mirroring sessions survive", async () => {
  const running = await start(routerProgram("lpm"));
  const client = await connect(running);
  await client.call("mirroring_session_add", { session: 5, config: { port: 3, group: undefined } });
  await expect(client.call("bm_swap_configs", {})).rejects.toThrow("NO_ONGOING_SWAP");
  await expect(client.call("bm_load_new_config", { text: "{" })).rejects.toThrow("not valid");
  await client.call("bm_load_new_config", { text: routerProgram("ternary") });
  await expect(client.call("bm_load_new_config", { text: routerProgram("lpm") })).rejects.toThrow("ONGOING_SWAP");
  const ternary = [{ ...none, type: 2, ternary: { key: Buffer.alloc(4), mask: Buffer.alloc(4) } }];
  await client.call("bm_mt_add_entry", { cxt: 0, table: routerTable, key: ternary, ...fwd, options: { priority: 1 } });
  expect(running.device.control.engine.state.tables[0]?.size).toBe(0);
  await client.call("bm_swap_configs", {});
  expect(running.device.control.engine.state.tables[0]?.size).toBe(1);
  expect(await client.call("mirroring_session_get", { session: 5 })).toMatchObject({ port: 3 });
  expect(await client.call("bm_get_config", {})).toBe(routerProgram("ternary"));
});

test("packets go from capture file to capture file, once all ports are there", async () => {
  const files = await directory();
  const packets = [routedPacket(0x0a000001), routedPacket(0x0b000001)];
  await writeFile(
    join(files, "a_in.pcap"),
    Buffer.concat([pcapHeader(), ...packets.map((packet) => pcapRecord(packet, 0))]),
  );
  await writeFile(join(files, "b_in.pcap"), pcapHeader());
  const opened = Promise.withResolvers<undefined>();
  const running = await start(routerProgram("lpm"));
  const { device } = running;
  device.control.table(routerTable).add([{ kind: "lpm", value: 0x0a000000n, prefixLength: 8 }], action, [5n, 1n], 0, 0);
  const fail = (error: Error): never => {
    throw error;
  };
  const ended = Promise.withResolvers<undefined>();
  await device.addPort(0, filePort(join(files, "a"), fail, opened.promise), () => {
    ended.resolve(undefined);
  });
  await device.addPort(1, filePort(join(files, "b"), fail, opened.promise));
  opened.resolve(undefined);
  await ended.promise;
  await device.removePort(1);
  const frames = new PcapReader().read(await readFile(join(files, "b_out.pcap")));
  expect(frames.map((frame) => frame.subarray(0, 14).toString("hex"))).toEqual(["0000000000050200000000010800"]);
});
