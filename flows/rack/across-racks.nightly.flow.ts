import { expect, test } from "vitest";
import { eventually, type FlowTestbed, readTopology, testbed } from "../../src/index.ts";
import {
  findInstance,
  instanceCommand,
  type InstanceView,
  NexusClient,
  settledInstance,
  sledIdOf,
} from "../../src/rack/index.ts";
import { within } from "./vpc.ts";

type Placed = InstanceView & { readonly sled: string };

/** The address of a sled's tunnels: the first of its rack. */
function underlayOf(sled: string): string {
  return sled.startsWith("rack0") ? "fd00:1122:3344:101::1" : "fd00:1122:3344:201::1";
}

/** Either switch of a sled's rack. */
function switchOf(sled: string): RegExp {
  return new RegExp(`^${sled.slice(0, "rack0".length)}-switch[01]$`);
}

/** A running instance that has its addresses. */
async function placed(bed: FlowTestbed, nexus: NexusClient, name: string): Promise<Placed> {
  const found = await findInstance(nexus, name);
  const { id, sled, addresses } = found;
  if (sled === null) throw new Error(`${name} is at no sled`);
  const has = addresses.map((address) => `ip -brief address show dev net0 | grep -qF ' ${address}/'`).join(" && ");
  await bed.node(sled).until(instanceCommand(id, has), { within });
  return { ...found, sled };
}

test(
  "R08: instances of two racks reach each other by name, hop by hop, and one that moves to the other rack keeps its address",
  { timeout: 1_200_000 },
  async () => {
    const plan = await readTopology("topologies/two-racks.yaml", { parameters: { sleds: 1 } });
    const instances = ["web", "db"].map((name) => ({
      ...{ name, kind: "light" as const, cpus: 1, memoryMiB: 64, vpc: "default", start: true },
    }));
    const projects = [{ name: "shop", vpcs: [], instances }];
    await using bed = await testbed({ ...plan, stack: { ...plan.stack, projects } }, { fresh: true });
    const nexus = await NexusClient.of(bed.testbed);
    const [web, db] = [await placed(bed, nexus, "web"), await placed(bed, nexus, "db")];
    expect([web.sled, db.sled].toSorted()).toEqual(["rack0-sled0", "rack1-sled0"]);
    const hosts = async () => (await bed.node(web.sled).exec(instanceCommand(web.id, "getent ahostsv4 db"))).stdout;
    expect(await hosts()).toContain(db.addresses[0]);
    for (const address of db.addresses) {
      const message = "echo-request";
      const inner = address.includes(":")
        ? { ipv6: { dst: address }, icmpv6: { message } as const }
        : { ipv4: { dst: address }, icmp: { message } as const };
      const ping = instanceCommand(web.id, ["ping", "-n", "-c", "1", "-W", "20", address]);
      const trace = await bed.node(web.sled).trace(ping, { to: db.sled, match: { geneve: {}, inner } });
      const tunnel = { ipv6: { src: underlayOf(web.sled), dst: underlayOf(db.sled) }, geneve: {}, inner };
      const [own, other] = [switchOf(web.sled), switchOf(db.sled)];
      expect(trace).toTraverse(
        [
          { leaves: web.sled, enters: own, ...tunnel },
          { leaves: own, enters: other, at: /qsfp/, ...tunnel },
          { leaves: other, enters: db.sled, ...tunnel },
        ],
        { exactly: true },
      );
    }
    await nexus.send("POST", `/v1/instances/${db.id}/move`, {}, { sled: await sledIdOf(nexus, web.sled) });
    expect(await settledInstance(nexus, db.id, within)).toBe("running");
    const moved = await placed(bed, nexus, "db");
    expect(moved).toMatchObject({ sled: web.sled, addresses: db.addresses });
    expect(await hosts()).toContain(db.addresses[0]);
    for (const address of moved.addresses) {
      const ping = instanceCommand(web.id, ["ping", "-n", "-c", "1", "-W", "2", address]);
      const answers = async (): Promise<boolean> => (await bed.node(web.sled).exec(ping)).exitCode === 0;
      await eventually(answers, { what: `db answers at ${address}`, within });
    }
  },
);
