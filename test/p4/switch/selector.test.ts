import { expect, test } from "vitest";
import { samples } from "./programs.ts";
import { twins } from "./twins.ts";

test("a group's member is chosen by the hash modulo the number of members, in ascending order of handles", () => {
  const both = twins(samples["action profiles"]?.text ?? "");
  for (const { engine } of both) {
    const [profile] = engine.state.profiles;
    const [first] = engine.state.tables;
    const members = [7n, 8n, 9n].map((port) => profile?.addMember("send", [port, port]) ?? -1);
    const group = profile?.createGroup() ?? -1;
    for (const member of members.toReversed()) profile?.addToGroup(member, group);
    first?.setDefaultIndirect("group", group);
  }
  const ports = new Set<string>();
  for (let at = 0; at < 60; at += 1) {
    const packet = Uint8Array.of(at % 2, at, 3, 4, 5, 6, 7, 8, at, 10, 11, 12);
    const [compiled, interpreted] = both.map((watched) => watched.bytes(at % 5, packet));
    expect(compiled).toEqual(interpreted);
    expect(compiled).toHaveLength(1);
    ports.add(compiled?.[0]?.split(":")[0] ?? "");
  }
  expect([...ports].sort()).toEqual(["7", "8", "9"]);
});

test("a group that lost its members takes no action, and says so", () => {
  for (const { engine, packet } of twins(samples["action profiles"]?.text ?? "").map((watched) => ({
    engine: watched.engine,
    packet: () => watched.packet(1, "00 0002 0000000003"),
  }))) {
    const [profile] = engine.state.profiles;
    const group = profile?.createGroup() ?? -1;
    engine.state.tables[0]?.setDefaultIndirect("group", group);
    expect(packet()).toEqual(["0: 0000020000000003"]);
  }
});
