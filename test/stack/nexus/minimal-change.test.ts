import { describe, expect, test } from "vitest";
import { NexusRack } from "../../../src/bench/nexus-rack.ts";
import { stopInstance } from "../../../src/stack/nexus/resources/instances.ts";

describe("one change in a rack of 32 sleds", () => {
  test("concerns only the sleds that have instances of its VPC, and is told once", () => {
    using rack = new NexusRack(32, 128, 4);
    const before = new Map(rack.keeper.generations);
    const affected = rack.changeFirewall("p3");
    expect(affected.size).toBe(4);
    const changes = rack.keeper.refresh();
    expect(new Set(changes.map(({ target }) => target))).toEqual(affected);
    for (const { target, generation } of changes) expect(generation).toBe((before.get(target as never) ?? 0) + 1);
    expect(rack.keeper.refresh()).toEqual([]);
  });

  test("a stop concerns one sled, until it has stopped: then all of the VPC", () => {
    using rack = new NexusRack(32, 128, 4);
    const { instances } = rack.store.tables;
    const [row] = instances.list();
    if (row === undefined) throw new Error("no instance");
    stopInstance(rack.store, row);
    expect(rack.keeper.refresh().map(({ target }) => target)).toEqual([`sled:${row.sled_id ?? ""}`]);
    instances.update({ id: row.id }, { run_state: "stopped", sled_id: null });
    expect(rack.keeper.refresh()).toHaveLength(4);
  });
});
