import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { buildP4Program } from "../../../src/p4/compiler/index.ts";
import { completions } from "../../../src/p4/switch/cli/complete.ts";
import { cliCommands } from "../../../src/p4/switch/cli/commands.ts";
import { cli, cliProgram } from "./cli-switch.ts";

describe("tables", () => {
  test("entries of every match kind are added, found, changed and deleted", async () => {
    const { say } = await cli();
    expect(await say("table_add routes forward 10.0.1.0/24 => 5 00:00:00:00:00:01")).toBe(
      "Entry has been added with handle 0",
    );
    expect(await say("table_add routes6 TheIngress.forward fd00::10.0.0.1/64 1 => 5 1")).toBe(
      "Entry has been added with handle 0",
    );
    expect(await say("table_add rules forward 02:00:00:00:00:00&&&ff:00:00:00:00:00 0&&&0 => 1 2 10")).toBe(
      "Entry has been added with handle 0",
    );
    expect(await say("table_add ports refuse 80->0x1bb => 3")).toBe("Entry has been added with handle 0");
    expect(await say("table_dump_entry routes 0")).toBe(
      [
        "Dumping entry 0x0",
        "Match key:",
        "* data.a              : LPM       0a000100/24",
        "Action entry: TheIngress.forward - 05, 01",
      ].join("\n"),
    );
    expect(await say("table_dump_entry routes6 0")).toContain(
      "* data.v6             : LPM       fd00000000000000000000000a000001/64",
    );
    expect(await say("table_dump_entry_from_key rules 02:00:00:00:00:00&&&ff:00:00:00:00:00 0&&&0 10")).toContain(
      "* data.mac            : TERNARY   020000000000 &&& ff0000000000\n* data.port           : TERNARY   0000 &&& 0000\nPriority: 10",
    );
    expect(await say("table_dump ports")).toContain(
      "* data.port           : RANGE     0050 -> 01bb\nPriority: 3\nAction entry: TheIngress.refuse - ",
    );
    expect(await say("table_modify routes forward 0 9 2")).toBe("");
    expect(await say("table_dump_entry routes 0")).toContain("TheIngress.forward - 09, 02");
    expect(await say("table_num_entries routes")).toBe("1");
    expect(await say("table_delete routes 0")).toBe("");
    expect(await say("table_delete routes 0")).toBe("Invalid table operation (INVALID_HANDLE)");
    expect(await say("table_add routes forward 10.0.1.0/24 => 5 1")).toBe("Entry has been added with handle 16777216");
    expect(await say("table_delete routes 0")).toBe("Invalid table operation (EXPIRED_HANDLE)");
    expect(await say("table_clear routes")).toBe("");
    expect(await say("table_num_entries routes")).toBe("0");
    expect(await say("table_set_default routes forward 1 2")).toBe("");
    expect(await say("table_dump routes")).toContain(
      "Dumping default entry\nAction entry: TheIngress.forward - 01, 02",
    );
    expect(await say("table_reset_default routes")).toBe("");
    expect(await say("table_dump routes")).toContain("Dumping default entry\nAction entry: TheIngress.refuse - ");
    expect(await say("table_add flows metered 00:00:00:00:00:07 => 1")).toBe("Entry has been added with handle 0");
    expect(await say("table_set_timeout flows 0 5000")).toBe("");
    expect(await say("table_dump_entry flows 0")).toMatch(/Life: \d+ms since hit, timeout is 5000ms/);
  });

  test("what the switch refuses has the reference's name, what cannot be sent is explained", async () => {
    const { say } = await cli();
    for (const [line, said] of [
      ["table_add routes forward 10.0.1.0/24 => 5 1", "Entry has been added with handle 0"],
      ["table_add routes forward 10.0.1.9/24 => 5 1", "Invalid table operation (DUPLICATE_ENTRY)"],
      ["table_add routes forward 10.0.1.0/33 => 5 1", "Invalid table operation (BAD_MATCH_KEY)"],
      ["table_add routes forward 11.0.0.0/8 => 5 1", "Entry has been added with handle 1"],
      ["table_add routes forward 12.0.0.0/8 => 5 1", "Invalid table operation (TABLE_FULL)"],
      ["table_add routes forward 12.0.0.0/8 => 5 1 7", "Invalid runtime data: action needs 2 parameters, found 3"],
      [
        "table_add routes forward 12.0.0.0 => 5 1",
        "Invalid match key: hdr.data.a: expected value/length, found 12.0.0.0",
      ],
      [
        "table_add routes forward 12.0.0.256/8 => 5 1",
        "Invalid match key: hdr.data.a: Invalid IPv4 address: 12.0.0.256",
      ],
      ["table_add routes forward 0x1ffffffff/8 => 5 1", "Invalid match key: hdr.data.a: Parameter is too large"],
      [
        "table_add routes forward 12.0.0.0/8 1 => 5 1",
        "Invalid match key: table TheIngress.routes needs 1 key fields, found 2",
      ],
      ["table_add routes forward 12.0.0.0/8 5 1", "Error: expected => between the key and what is behind it"],
      ["table_add routes nothing 12.0.0.0/8 => 5", "Error: Invalid action name (nothing)"],
      ["table_add nowhere forward 1 => 5", "Error: Invalid table name (nowhere)"],
      ["table_add ports refuse 9->8 => 3", "Invalid match key: hdr.data.port: the range starts behind its end"],
      ["table_add ports refuse 8->9 => x", "Error: Bad format for a priority: x"],
      ["table_add rules refuse 1&&&1 1 => 3", "Invalid match key: hdr.data.port: expected value&&&mask, found 1"],
      ["table_add chosen refuse 1 =>", "Invalid table operation (WRONG_TABLE_TYPE)"],
      ["table_set_timeout routes 0 5", "Error: Table does not support entry timeouts"],
      ["table_indirect_add routes 1.0.0.0/8 => 0", /^Error: Cannot run this command on a table without action profile/],
      ["table_indirect_add chosen 1 => 0", "Invalid table operation (INVALID_MBR_HANDLE)"],
      [
        "table_indirect_add_with_group chosen 1 => 0",
        /^Error: Cannot run this command on a table whose action profile has no selector/,
      ],
      [
        "table_dump_entry routes",
        "Error: Insufficient number of args: expected an entry handle\nusage: table_dump_entry TABLE HANDLE",
      ],
      ["table_num_entries routes now", "Error: Too many args: now\nusage: table_num_entries TABLE"],
      ["register_read last 4", "Invalid register operation (INVALID_INDEX)"],
      ["counter_read seen 8", "Invalid counter operation (INVALID_INDEX)"],
      ["meter_set_rates rate 0 0.5:1 0.1:1", "Invalid meter operation (INVALID_INFO_RATE_VALUE)"],
      ["meter_set_rates rate 0 0.5:1", /^Error: Invalid number of rates/],
      ["mc_node_associate 1 0", "Invalid PRE operation (INVALID_L1_HANDLE)"],
      ["mirroring_get 9", "Invalid mirroring operation (SESSION_NOT_FOUND)"],
      ["swap_configs", "Invalid swap operation (NO_ONGOING_SWAP)"],
      ["port_add nowhere0 1", "Invalid device manager operation (ERROR)"],
      ["load_new_config_file /nowhere", /^Error: ENOENT/],
      ["set_queue_rate 5 1 9", /^Error: expected a priority below 2/],
      ["fly", "*** Unknown syntax: fly"],
      ["", "(nothing)"],
      ["# a remark", "(nothing)"],
    ] as const) {
      if (typeof said === "string") expect(await say(line), line).toBe(said);
      else expect(await say(line), line).toMatch(said);
    }
  });

  test("profiles, members and groups, by their own commands and by those of their tables", async () => {
    const { say, value } = await cli();
    expect(await say("act_prof_create_member paths forward 1 1")).toBe("Member has been created with handle 0");
    expect(await say("table_indirect_create_member balanced forward 2 2")).toBe(
      "Member has been created with handle 1",
    );
    expect(await say("act_prof_create_group paths")).toBe("Group has been created with handle 0");
    expect(await say("act_prof_add_member_to_group paths 0 0")).toBe("");
    expect(await say("act_prof_add_member_to_group paths 1 0")).toBe("");
    expect(await say("act_prof_add_member_to_group paths 1 0")).toBe("Invalid table operation (MBR_ALREADY_IN_GRP)");
    expect(await say("table_indirect_add balanced 7 => 1")).toBe("Entry has been added with handle 0");
    expect(await say("table_indirect_add_with_group balanced 8 => 0")).toBe("Entry has been added with handle 1");
    expect(await say("table_indirect_set_default_with_group balanced 0")).toBe("");
    const dump = await say("table_dump balanced");
    expect(dump).toContain("Index: member(1)");
    expect(dump).toContain("Index: group(0)");
    expect(dump).toContain("GROUPS\n**********\nDumping group 0\nMembers: [0, 1]");
    expect(await value("act_prof_dump_group paths 0")).toEqual({ handle: 0, members: [0, 1] });
    expect(await say("act_prof_modify_member paths forward 0 => 9 9")).toBe("");
    expect(await say("act_prof_dump_member paths 0")).toContain("TheIngress.forward - 09, 09");
    expect(await say("act_prof_delete_member paths 1")).toBe("Invalid table operation (MBR_STILL_USED)");
    expect(await say("table_indirect_reset_default balanced")).toBe("");
    expect(await say("table_indirect_delete balanced 1")).toBe("");
    expect(await say("act_prof_remove_member_from_group paths 1 0")).toBe("");
    expect(await say("act_prof_delete_group paths 0")).toBe("");
    expect(await say("act_prof_dump paths")).toContain("MEMBERS");
    expect(await say("act_prof_create_group choices")).toMatch(
      /^Error: Cannot run this command on an action profile without selector/,
    );
    expect(await say("act_prof_create_member choices refuse")).toBe("Member has been created with handle 0");
    expect(await say("table_indirect_set_default chosen 0")).toBe("");
    expect(await say("table_dump chosen")).toContain("Dumping default entry\nIndex: member(0)");
  });
});

test("counters, meters and registers", async () => {
  const { say, value, running } = await cli();
  expect(await say("counter_write seen 2 5 700")).toBe("");
  expect(await say("counter_read seen 2")).toBe("TheIngress.seen[2]= (700 bytes, 5 packets)");
  expect(await value("counter_read seen 2")).toEqual({ name: "TheIngress.seen", index: 2, packets: 5, bytes: 700 });
  expect(await say("counter_reset seen")).toBe("");
  expect(await say("counter_read seen 2")).toBe("TheIngress.seen[2]= (0 bytes, 0 packets)");
  expect(await say("table_add flows metered 7 => 1")).toBe("Entry has been added with handle 0");
  expect(await say("counter_write hits 0 4 4")).toBe("");
  expect(await say("counter_read hits 0")).toBe("TheIngress.hits[0]= (4 bytes, 4 packets)");
  expect(await say("counter_reset hits")).toBe("");
  expect(await say("register_write last 1 0xffffffffff")).toBe("");
  expect(await say("register_read last 1")).toBe("TheIngress.last[1]= 4294967295");
  expect(await say("register_read last")).toBe("TheIngress.last= 0, 4294967295, 0, 0");
  expect(await say("register_reset last")).toBe("");
  expect(await value("register_read last")).toEqual({ name: "TheIngress.last", values: [0, 0, 0, 0] });
  expect(await say("meter_get_rates rate 0")).toContain("has none");
  expect(await say("meter_set_rates rate 0 0.001:1500 0.002:3000")).toBe("");
  expect(await say("meter_get_rates rate 0")).toBe(
    "0: info rate = 0.001, burst size = 1500\n1: info rate = 0.002, burst size = 3000",
  );
  expect(await say("meter_array_set_rates rate 1:1 2:2")).toBe("");
  expect(running.device.control.meter("TheIngress.rate", 3).rates(3)).toEqual([
    { unitsPerMicrosecond: 1, burst: 1 },
    { unitsPerMicrosecond: 2, burst: 2 },
  ]);
  expect(await say("meter_set_rates flow_rate 0 0.1:10 0.2:20")).toBe("");
  expect(await say("meter_get_rates flow_rate 0")).toContain("1: info rate = 0.2, burst size = 20");
});

test("groups, sessions, queues, value sets, hashes and the device", async () => {
  const { say, value, running } = await cli();
  expect(await say("mc_mgrp_create 5")).toBe("");
  expect(await say("mc_node_create 7 1 2 9 | 0 3")).toBe("node was created with handle 0");
  expect(await say("mc_node_associate 5 0")).toBe("");
  expect(await say("mc_set_lag_membership 3 4 5")).toBe("");
  expect(await value("mc_dump")).toMatchObject({
    mgrps: [{ id: 5, l1_handles: [0] }],
    l2_handles: [{ handle: 0, ports: [1, 2, 9], lags: [0, 3] }],
    lags: [{ id: 3, ports: [4, 5] }],
  });
  expect(await say("mc_dump")).toContain("mgrp(5)\n  -> (L1h=0, rid=7) -> (ports=[1, 2, 9], lags=[0, 3])");
  expect(await say("mc_node_update 0 1")).toBe("");
  expect(await say("mc_node_dissociate 5 0")).toBe("");
  expect(await say("mc_dump")).toContain("NODES IN NO GROUP\n  -> (L1h=0, rid=7) -> (ports=[1], lags=[])");
  expect(await say("mc_node_destroy 0")).toBe("");
  expect(await say("mc_mgrp_destroy 5")).toBe("");
  expect(await say("mirroring_add 4 2")).toBe("");
  expect(await value("mirroring_get 4")).toEqual({ session: 4, port: 2, group: null });
  expect(await say("mirroring_add_mc 4 9")).toBe("");
  expect(await say("mirroring_get 4")).toBe("MirroringSessionConfig(port=None, mgid=9)");
  expect(await say("mirroring_delete 4")).toBe("");
  expect(await say("set_queue_depth 8")).toBe("");
  expect(await say("set_queue_depth 8 1 1")).toBe("");
  expect(await say("set_queue_rate 100 1")).toBe("");
  expect(running.device.control.engine.queues.limited).toBe(true);
  expect(await say("pvs_add kinds 0x1234")).toBe("");
  expect(await say("pvs_add kinds 7")).toBe("");
  expect(await say("pvs_get kinds")).toBe("0x0007\n0x1234");
  expect(await say("pvs_remove kinds 7")).toBe("");
  expect(await value("pvs_get kinds")).toEqual({ name: "TheParser.kinds", members: ["0x1234"] });
  expect(await say("pvs_clear kinds")).toBe("");
  expect(await say("set_crc16_parameters calc 0x1021 0xffff 0 false false")).toBe("");
  expect(await say("set_crc32_parameters calc 1 0 0 0 0")).toMatch(/^Error: calc is computed by crc16_custom/);
  expect(await say("set_crc16_parameters calc 0x1ffff 0 0 0 0")).toBe("Error: a polynomial: expected 16 bits");
  expect(await value("switch_info")).toMatchObject({ device_id: 3, thrift_port: running.thriftPort });
  expect(await say("show_ports")).toContain("port #");
  expect(await value("show_ports")).toEqual([]);
  expect(Number(await say("get_time_elapsed"))).toBeGreaterThan(0);
  expect(Number(await say("get_time_since_epoch"))).toBeGreaterThan(1e15);
  expect(await say("reset_state")).toBe("");
  expect(await say("show_tables")).toContain("TheIngress.rules");
  expect(await say("show_actions")).toContain("TheIngress.forward             [port(9),\tmac(48)]");
  expect(await value("table_info routes6")).toMatchObject({
    key: [
      { field: "data.v6", match: "lpm", width: 128 },
      { field: "data_valid", match: "exact", width: 1 },
    ],
  });
  expect(await say("table_show_actions flows")).toContain("TheIngress.metered");
  expect(await say("show_pvs")).toBe("TheParser.kinds                [width=16]");
  expect(await say("help table_add")).toBe("table_add TABLE ACTION KEY... => PARAMETER... [PRIORITY]: add an entry");
  expect((await say("help")).split("\n").length).toBe(Object.keys(cliCommands).length);
});

test("programs are loaded and swapped, and names are then those of the new one", async () => {
  const { say, value, at } = await cli();
  const router = join(at, "router.json");
  const { text } = await buildP4Program(join(import.meta.dirname, "../programs/ipv4-router.p4"));
  await writeFile(router, text);
  expect(await say(`load_new_config_file ${router}`)).toBe("");
  expect(await say("table_num_entries routes6")).toBe("Error: Invalid table name (routes6)");
  expect(await say("swap_configs")).toBe("");
  expect(await say(`write_config_to_file ${join(at, "out.json")}`)).toBe("");
  expect(await readFile(join(at, "out.json"), "utf8")).toBe(text);
  await writeFile(join(at, "own.json"), cliProgram());
  expect(await say(`swap_program ${join(at, "own.json")}`)).toMatch(
    /^program [0-9a-f]{32} runs now, its tables empty$/,
  );
  expect(await say("table_num_entries routes6")).toBe("0");
  expect(await value(`swap_program ${join(at, "own.json")}`)).toMatchObject({ swapped: false });
});

test("words are completed to commands, tables, actions of the table, and files", async () => {
  const { cli: session, at } = await cli();
  const complete = (line: string): readonly string[] => completions(line, session.catalogue);
  expect(complete("table_ad")).toEqual(["table_add"]);
  expect(complete("table_add ro")).toEqual(["routes", "routes6"]);
  expect(complete("table_add flows m")).toEqual(["metered"]);
  expect(complete("table_add nowhere ")).toEqual([]);
  expect(complete("act_prof_dump ")).toEqual(["paths", "choices"]);
  expect(complete("register_read ")).toEqual(["last"]);
  expect(complete("help act_prof_delete_m")).toEqual(["act_prof_delete_member"]);
  expect(complete(`swap_program ${at}/pro`)).toEqual([join(at, "program.json")]);
  expect(complete("table_add routes forward 1")).toEqual([]);
});
