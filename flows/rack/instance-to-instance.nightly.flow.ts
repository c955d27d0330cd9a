import { Api, type ApiResult } from "@oxide/api";
import { expect, test } from "vitest";
import { testbed } from "../../src/index.ts";
import {
  findInstance,
  instanceCommand,
  type InstanceView,
  NexusClient,
  settledInstance,
} from "../../src/rack/index.ts";

const project = "p";
const within = 120_000;

/** The data of an answer that must be a success. */
async function ok<Data>(answer: Promise<ApiResult<Data>>): Promise<Data> {
  const result = await answer;
  if (result.type !== "success") throw new Error(`refused: ${JSON.stringify(result)}`);
  return result.data;
}

/** A running instance of nexus. */
async function running(nexus: NexusClient, name: string): Promise<InstanceView & { readonly sled: string }> {
  const { id } = await findInstance(nexus, name);
  expect(await settledInstance(nexus, id, within)).toBe("running");
  const found = await findInstance(nexus, name);
  if (found.sled === null) throw new Error(`${name} is at no sled`);
  return { ...found, sled: found.sled };
}

test(
  "instances that Oxide's client creates reach each other from sled to sled, in a tunnel of their VPC",
  {
    timeout: 600_000,
  },
  async () => {
    await using bed = await testbed("trio", { fresh: true });
    await using forwarded = await bed.node("s1").forward(12_220);
    const { methods: api } = new Api({ host: `http://${forwarded.address}:${forwarded.port}` });
    await ok(api.projectCreate({ body: { name: project, description: "" } }));
    for (const name of ["a", "b"]) {
      const body = { name, description: "", hostname: name, ncpus: 1, memory: 1_073_741_824 };
      await ok(api.instanceCreate({ query: { project }, body }));
    }
    const nexus = await NexusClient.of(bed.testbed);
    const [a, b] = [await running(nexus, "a"), await running(nexus, "b")];
    expect([a.sled, b.sled].toSorted()).toEqual(["s1", "s2"]);
    for (const { id, sled, addresses } of [a, b]) {
      for (const address of addresses) {
        await bed.node(sled).until(instanceCommand(id, `ip -brief address show dev net0 | grep -qF ' ${address}/'`), {
          within,
        });
      }
    }
    for (const [at, address] of b.addresses.entries()) {
      const family = at === 0 ? "ipv4" : "ipv6";
      const ping = instanceCommand(a.id, ["ping", "-c", "1", "-W", "20", address]);
      const outer = { src: underlayOf(a.sled), dst: underlayOf(b.sled) };
      const inner = { [family]: { src: a.addresses[at], dst: address } };
      const tunnel = { ipv6: outer, geneve: {}, inner };
      const trace = await bed.node(a.sled).trace(ping, { to: b.sled, match: { geneve: {}, inner } });
      expect(trace).toTraverse(
        [
          { leaves: `${a.sled}:net0`, enters: "t1", ...tunnel },
          { leaves: "t1", enters: `${b.sled}:net0`, ...tunnel },
        ],
        { exactly: true },
      );
      expect((await bed.node(a.sled).exec(ping)).exitCode).toBe(0);
    }
    for (const { id } of [a, b]) await ok(api.instanceStop({ path: { instance: id } }));
    for (const { id } of [a, b]) {
      expect(await settledInstance(nexus, id, within)).toBe("stopped");
      await ok(api.instanceDelete({ path: { instance: id } }));
    }
    for (const sled of ["s1", "s2"]) {
      await bed.node(sled).until('test -z "$(find /run/kestrel/instances /run/netns -mindepth 1)"', { within });
      expect(JSON.parse(await bed.node(sled).ask("opteadm --json list-ports"))).toEqual([]);
    }
  },
);

function underlayOf(sled: string): string {
  return `fd00:1122:3344:10${sled.slice(1)}::1`;
}
