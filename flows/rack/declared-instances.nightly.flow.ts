import { expect, test } from "vitest";
import { testbed } from "../../src/index.ts";
import { instanceCommand, listInstances, NexusClient } from "../../src/rack/index.ts";

test("a rack is up when the instances that its topology declares run, each with its addresses", async () => {
  await using bed = await testbed("instances", { fresh: true });
  const instances = await listInstances(await NexusClient.of(bed.testbed), "shop");
  expect(instances.map(({ name, state }) => [name, state])).toEqual([
    ["archive", "stopped"],
    ["db", "running"],
    ["web", "running"],
  ]);
  const [, db, web] = instances;
  if (db === undefined || web === undefined || web.sled === null) throw new Error("web is at no sled");
  expect(db.sled).not.toBe(web.sled);
  const [address = ""] = db.addresses;
  // Its DHCP client may be at work yet.
  const ready = `ip route show default | grep -q net0 && ping -c 1 -W 20 ${address}`;
  const node = bed.node(web.sled);
  await node.until(instanceCommand(web.id, ready), { within: 60_000 });
});
