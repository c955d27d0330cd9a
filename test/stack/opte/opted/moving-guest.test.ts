import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SledPort, SledState } from "../../../../src/stack/opte/opted/sled-state.ts";
import { busyboxWorks, type GuestPrograms, type Laboratory, namespacesWork } from "./laboratory.ts";
import { configure, g1, g3, portOf, type SledName, sleds, stateOfSled, twoSleds } from "./two-sleds.ts";

/** Nothing is let in to g3: what comes to it belongs to a connection of its own. */
const firewall = { g3: [] };

describe.skipIf(!namespacesWork || !busyboxWorks)("a guest that moves from sled to sled (root, busybox)", () => {
  let lab: Laboratory;
  let talker: GuestPrograms;
  let listener: GuestPrograms;

  /** Both sleds with g3 at one of them. */
  const stateOf = (sled: SledName, home: SledName, flows?: SledPort["flows"]): SledState => {
    const state = stateOfSled(lab, sled, firewall);
    const others = state.ports.filter(({ name }) => name !== g3.port);
    const port = portOf({ ...g3, sled: home }, lab.namespace(g3.name), []);
    return {
      ...state,
      ports: sled === home ? [...others, { ...port, ...(flows === undefined ? {} : { flows }) }] : others,
      v2p: state.v2p.map((entry) => ([g3.ip, g3.ip6].includes(entry.ip) ? { ...entry, underlay: sleds[home] } : entry)),
    };
  };

  beforeAll(async () => {
    ({ lab } = await twoSleds());
    for (const sled of ["s1", "s2"] as const) await lab.apply(sled, stateOf(sled, "s1"));
    for (const guest of [g1, g3]) await configure(lab, guest);
    [listener, talker] = [await lab.programs(g1.name), await lab.programs(g3.name)];
    await listener.do({ order: "echo", port: 5002 });
  }, 240_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  test(
    "takes its open connection along: the other end speaks first at the new sled",
    { timeout: 120_000 },
    async () => {
      await talker.do({ order: "open", address: g1.ip, port: 5002 });
      expect(await talker.do({ order: "talk", text: "before", accepted: false })).toBe("before");

      // The order that sled-agents and the provider of machines keep.
      await lab.ask("s1", "PUT", `/ports/${g3.port}/state`, "pause");
      const flows = (await lab.ask("s1", "GET", `/ports/${g3.port}/snapshot`)) as NonNullable<SledPort["flows"]>;
      await lab.apply("s1", stateOf("s1", "s2"));
      expect(await lab.apply("s2", stateOf("s2", "s2", flows))).toContain(`port ${g3.port} created`);
      lab.ip("s1", "link", "set", "v3", "netns", lab.namespace("s2"));
      lab.ip("s2", "link", "set", "v3", "up");

      expect(await listener.do({ order: "talk", text: "after", accepted: true })).toBe("after");
      expect(await talker.do({ order: "talk", text: "and back", accepted: false })).toBe("and back");
      // Told once more, with the connections or without them, it stays as it is.
      expect(await lab.apply("s2", stateOf("s2", "s2", flows))).toEqual([]);
      expect(await lab.apply("s2", stateOf("s2", "s2"))).toEqual([]);
      // A new connection to it is denied there as it was before.
      const denied = await lab.attempt(g1.name, "busybox", "ping", "-c", "1", "-W", "2", g3.ip);
      expect(denied.status).toBe(1);
    },
  );

  test("without its connections the other end would not be heard", { timeout: 120_000 }, async () => {
    await lab.apply("s2", stateOf("s2", "s1"));
    await lab.apply("s1", stateOf("s1", "s1"));
    lab.ip("s2", "link", "set", "v3", "netns", lab.namespace("s1"));
    lab.ip("s1", "link", "set", "v3", "up");
    const denied = async (): Promise<number> => {
      const counted = (await lab.ask("s1", "GET", `/ports/${g3.port}/counters`)) as {
        readonly layers: Readonly<Record<string, Readonly<Record<string, number>>>>;
      };
      return counted.layers["firewall"]?.["in_deny"] ?? 0;
    };
    const before = await denied();
    // Nobody answers: what becomes of it is seen at the firewall.
    listener.do({ order: "talk", text: "unheard", accepted: true }).catch(() => undefined);
    await expect.poll(denied).toBeGreaterThan(before);
  });
});
