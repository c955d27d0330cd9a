import { expect, test } from "vitest";
import type { EngineOptions } from "../../../src/p4/switch/engine/contract.ts";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import {
  assign,
  binary,
  call,
  choose,
  extract,
  field,
  header,
  hex,
  type Json,
  ProgramBuilder,
  valid,
} from "./program-builder.ts";
import { WatchedEngine } from "./twins.ts";

/*
 * One program for all paths: byte `h.op` says what ingress asks for, `h.arg` with what; egress writes what it sees of the
 * metadata into the packet. Packets are op, arg, 13 bytes of report.
 */
const report: readonly (readonly [string, string, number])[] = [
  ["instance", "instance_type", 8],
  ["ingress", "ingress_port", 16],
  ["length", "packet_length", 16],
  ["rid", "egress_rid", 16],
  ["group", "mcast_grp", 8],
  ["port", "egress_port", 16],
];
const operations: Readonly<Record<string, readonly Json[]>> = {
  unicast: [],
  drop: [call("mark_to_drop", header("standard_metadata"))],
  undrop: [call("mark_to_drop", header("standard_metadata")), assign("standard_metadata.egress_spec", hex(2))],
  multicast: [assign("standard_metadata.mcast_grp", field("h.arg"))],
  clone: [call("clone_ingress_pkt_to_egress", field("h.arg"), hex(1)), assign("h.arg", hex(0xee))],
  cloneEgress: [assign("m.cloneEgress", hex(1))],
  resubmit: [assign("m.kept", field("h.arg")), call("resubmit", hex(1))],
  recirculate: [assign("m.again", hex(1)), assign("m.kept", hex(0x77))],
  digest: [call("generate_digest", hex(0), hex(1))],
  priority: [assign("standard_metadata.priority", field("h.arg"))],
  shorten: [call("truncate", field("h.arg"))],
  grow: [call("add_header", header("g")), assign("g.x", hex(0xabcdef))],
};
const names = Object.keys(operations);
const code = (name: string): string => names.indexOf(name).toString(16).padStart(2, "0");

function program(): string {
  const builder = new ProgramBuilder()
    .header("h", [
      ["op", 8],
      ["arg", 8],
      ...report.map(([name, , width]) => [name, width] as const),
      ["kept", 8],
      ["delay", 16],
    ])
    .header("g", [["x", 24]])
    .metadata("m", [
      ["kept", 8],
      ["cloneEgress", 1],
      ["again", 1],
    ])
    .fieldList("m.kept")
    .learnList("h.arg", "standard_metadata.ingress_port")
    .parser({ start: { ops: [extract("h")] } })
    .deparser("g", "h");
  for (const [name, primitives] of Object.entries(operations)) builder.action(name, [], ...primitives);
  builder
    .action("toPort1", [], assign("standard_metadata.egress_spec", hex(1)))
    .action(
      "report",
      [],
      ...report.map(([name, source]) => assign(`h.${name}`, field(`standard_metadata.${source}`))),
      assign("h.kept", field("m.kept")),
      assign("h.delay", field("standard_metadata.deq_timedelta")),
    )
    .action(
      "cloneAtEgress",
      [],
      assign("m.kept", hex(0x55)),
      call("clone_egress_pkt_to_egress", field("h.arg"), hex(1)),
    )
    .action("recirculateNow", [], assign("h.op", hex(names.indexOf("unicast"))), call("recirculate", hex(1)))
    .run("ingress", "to1", "toPort1", "isFirst");
  // What has come round is only forwarded.
  builder.conditional("ingress", "isFirst", binary(field("standard_metadata.instance_type"), "==", hex(0)), "op", null);
  builder.table("ingress", "op", { key: [["exact", "h.op"]], actions: names, default: "unicast" });
  builder
    .conditional("egress", "clones", binary(field("m.cloneEgress"), "==", hex(1)), "e1", "again")
    .run("egress", "e1", "cloneAtEgress", "again")
    .conditional("egress", "again", binary(field("m.again"), "==", hex(1)), "e2", "e3")
    .run("egress", "e2", "recirculateNow", "e3")
    .run("egress", "e3", "report");
  return builder.text();
}

function start(options: EngineOptions = {}): WatchedEngine {
  const watched = new WatchedEngine(loadProgram(program()), options);
  const table = watched.engine.state.tables.find(({ table: { name } }) => name === "op");
  for (const [at, name] of names.entries()) table?.add([{ kind: "exact", value: BigInt(at) }], name, [], 0, 0);
  return watched;
}

const blank = "00".repeat(13);
/** Instance type, ingress port, length, rid, group, egress port, kept byte, delay. */
const seen = (
  instance: number,
  ingress: number,
  length: number,
  rid: number,
  group: number,
  port: number,
  kept: number,
  delay = 0,
): string =>
  [
    instance.toString(16).padStart(2, "0"),
    ...[ingress, length, rid].map((n) => n.toString(16).padStart(4, "0")),
    group.toString(16).padStart(2, "0"),
    port.toString(16).padStart(4, "0"),
    kept.toString(16).padStart(2, "0"),
    delay.toString(16).padStart(4, "0"),
  ].join("");

for (const execution of ["compiled", "interpreted"] as const) {
  const options = { execution };

  test(`a packet goes to egress_spec with instance type 0 (${execution})`, () => {
    expect(start(options).packet(7, `${code("unicast")} 00 ${blank} ff`)).toEqual([
      `1: ${code("unicast")}00${seen(0, 7, 16, 0, 0, 1, 0)}ff`,
    ]);
  });

  test(`the drop port drops, unless egress_spec is written again (${execution})`, () => {
    const watched = start(options);
    expect(watched.packet(7, `${code("drop")} 00 ${blank}`)).toEqual([]);
    expect(watched.engine.counters.dropped).toBe(1);
    expect(watched.packet(7, `${code("undrop")} 00 ${blank}`)).toEqual([
      `2: ${code("undrop")}00${seen(0, 7, 15, 0, 0, 2, 0)}`,
    ]);
  });

  test(`another drop port than 511 may be chosen (${execution})`, () => {
    expect(start({ ...options, dropPort: 1 }).packet(7, `${code("unicast")} 00 ${blank}`)).toEqual([]);
  });

  test(`a multicast group sends copies node by node, ports ascending, then one port of each LAG (${execution})`, () => {
    const watched = start(options);
    const { multicast } = watched.engine;
    multicast.createGroup(9);
    multicast.associate(9, multicast.createNode(5, [3, 2], [1]));
    multicast.associate(9, multicast.createNode(6, [4], []));
    multicast.setLag(1, [10, 11, 12, 13]);
    expect(watched.packet(7, `${code("multicast")} 09 ${blank}`)).toEqual([
      `2: ${code("multicast")}09${seen(5, 7, 15, 5, 9, 2, 0)}`,
      `3: ${code("multicast")}09${seen(5, 7, 15, 5, 9, 3, 0)}`,
      `13: ${code("multicast")}09${seen(5, 7, 15, 5, 9, 13, 0)}`,
      `4: ${code("multicast")}09${seen(5, 7, 15, 6, 9, 4, 0)}`,
    ]);
    expect(watched.packet(7, `${code("multicast")} 08 ${blank}`)).toEqual([]);
    expect(watched.engine.counters.unknownGroups).toBe(1);
  });

  test(`an ingress clone is the packet as it came, parsed anew, its metadata zero but for the field list (${execution})`, () => {
    const watched = start(options);
    expect(watched.packet(7, `${code("clone")} 03 ${blank}`)).toEqual([
      `1: ${code("clone")}ee${seen(0, 7, 15, 0, 0, 1, 0)}`,
    ]);
    watched.engine.mirroring.set(3, { port: 20 });
    expect(watched.packet(7, `${code("clone")} 03 ${blank} aabb`)).toEqual([
      `20: ${code("clone")}03${seen(1, 0, 17, 0, 0, 20, 0)}aabb`,
      `1: ${code("clone")}ee${seen(0, 7, 17, 0, 0, 1, 0)}aabb`,
    ]);
  });

  test(`copies of a clone session to a group keep their instance type (${execution})`, () => {
    const watched = start(options);
    const { multicast, mirroring } = watched.engine;
    multicast.createGroup(1);
    multicast.associate(1, multicast.createNode(4, [30, 31], []));
    mirroring.set(3, { group: 1 });
    expect(watched.packet(7, `${code("clone")} 03 ${blank}`).slice(0, 2)).toEqual([
      `30: ${code("clone")}03${seen(1, 0, 15, 4, 0, 30, 0)}`,
      `31: ${code("clone")}03${seen(1, 0, 15, 4, 0, 31, 0)}`,
    ]);
  });

  test(`an egress clone has the headers as at the end of egress and the field list's values (${execution})`, () => {
    const watched = start(options);
    watched.engine.mirroring.set(3, { port: 20 });
    expect(watched.packet(7, `${code("cloneEgress")} 03 ${blank} cc`)).toEqual([
      `1: ${code("cloneEgress")}03${seen(0, 7, 16, 0, 0, 1, 0x55)}cc`,
      `20: ${code("cloneEgress")}03${seen(2, 0, 16, 0, 0, 20, 0x55)}cc`,
    ]);
  });

  test(`a resubmitted packet begins again with its original bytes and the field list (${execution})`, () => {
    expect(start(options).packet(7, `${code("resubmit")} 42 ${blank} dd`)).toEqual([
      `1: ${code("resubmit")}42${seen(0, 0, 16, 0, 0, 1, 0x42)}dd`,
    ]);
  });

  test(`a recirculated packet begins again with the bytes that left egress (${execution})`, () => {
    expect(start(options).packet(7, `${code("recirculate")} 01 ${blank} dd`)).toEqual([
      `1: ${code("unicast")}01${seen(0, 0, 16, 0, 0, 1, 0x77)}dd`,
    ]);
  });

  test(`truncate cuts what leaves, and a header that is added counts in packet_length (${execution})`, () => {
    const watched = start(options);
    expect(watched.packet(7, `${code("shorten")} 03 ${blank} dd`)).toEqual([`1: ${code("shorten")}0300`]);
    expect(watched.packet(7, `${code("grow")} 03 ${blank} dd`)).toEqual([
      `1: abcdef${code("grow")}03${seen(0, 7, 19, 0, 0, 1, 0)}dd`,
    ]);
  });

  test(`digests are sent after 16 samples or a second, and the same sample only once until acknowledged (${execution})`, () => {
    const watched = start(options);
    const { engine } = watched;
    watched.packet(7, `${code("digest")} 01 ${blank}`, 100);
    watched.packet(7, `${code("digest")} 01 ${blank}`, 200);
    expect(engine.deadline).toBe(1_000_100);
    expect(watched.advance(1_000_100)).toEqual(["learn 1/0: 010007"]);
    watched.packet(7, `${code("digest")} 01 ${blank}`, 1_000_200);
    expect(watched.advance(3_000_000)).toEqual([]);
    engine.learning.acknowledgeBuffer(1, 0);
    const events = Array.from({ length: 16 }, (_, at) =>
      watched.packet(7, `${code("digest")} ${(at + 1).toString(16).padStart(2, "0")} ${blank}`, 3_000_001),
    ).flat();
    expect(events.filter((event) => event.startsWith("learn"))).toEqual([
      `learn 1/1: ${Array.from({ length: 16 }, (_, at) => `${(at + 1).toString(16).padStart(2, "0")}0007`).join()}`,
    ]);
  });

  test(`a queue with a rate lets packets out in its time, highest priority first, and drops what is too much (${execution})`, () => {
    const watched = start({ ...options, priorityQueues: 8 });
    const { engine } = watched;
    engine.queues.setRate(1000, 1);
    engine.queues.setDepth(2, 1);
    expect(watched.packet(7, `${code("priority")} 00 ${blank}`, 0)).toHaveLength(1);
    for (const priority of ["00", "00", "00", "05"])
      expect(watched.packet(7, `${code("priority")} ${priority} ${blank}`, 10)).toHaveLength(priority === "05" ? 1 : 0);
    expect(engine.counters.queueDrops).toBe(1);
    expect(engine.deadline).toBe(1000);
    expect(watched.advance(999)).toEqual([]);
    expect(watched.advance(1000)).toEqual([`1: ${code("priority")}00${seen(0, 7, 15, 0, 0, 1, 0, 990)}`]);
    expect(watched.advance(2500)).toHaveLength(1);
    expect(engine.deadline).toBe(Infinity);
  });

  test(`a priority that has no queue drops the packet (${execution})`, () => {
    const watched = start(options);
    expect(watched.packet(7, `${code("priority")} 01 ${blank}`)).toEqual([]);
    expect(watched.engine.counters.queueDrops).toBe(1);
  });
}

test("a program that recirculates for ever lets the caller go on", () => {
  const text = new ProgramBuilder()
    .action("again", [], call("recirculate", hex(1)))
    .run("egress", "tbl", "again")
    .fieldList()
    .text();
  const watched = new WatchedEngine(loadProgram(text));
  watched.packet(0, "00");
  expect(watched.engine.deadline).toBeLessThan(Infinity);
  watched.advance(5);
  expect(watched.engine.counters.sent).toBe(0);
});

test("entries that were not hit for their timeout are told once a second, and again at every second sweep", () => {
  const text = new ProgramBuilder()
    .header("h", [["a", 8]])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .action("go", [], assign("standard_metadata.egress_spec", choose(valid("h"), hex(1), hex(2))))
    .table("ingress", "t", { key: [["exact", "h.a"]], actions: ["go"], more: { support_timeout: true } })
    .text();
  const watched = new WatchedEngine(loadProgram(text));
  const [table] = watched.engine.state.tables;
  const handle = table?.add([{ kind: "exact", value: 5n }], "go", [], 0, 0) ?? -1;
  table?.setTimeout(handle, 1500, 0);
  watched.packet(0, "05", 600_000);
  expect(watched.advance(1_000_000)).toEqual([]);
  expect(watched.advance(2_000_000)).toEqual([]);
  expect(watched.advance(3_000_000)).toEqual([`ageing 0: ${handle}`]);
  expect(watched.advance(4_000_000)).toEqual([]);
  expect(watched.advance(5_000_000)).toEqual([`ageing 0: ${handle}`]);
  expect(table?.size).toBe(1);
});
