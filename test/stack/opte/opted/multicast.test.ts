import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IpAddress } from "../../../../src/stack/opte/engine/parse/address.ts";
import type { SledState } from "../../../../src/stack/opte/opted/sled-state.ts";
import { busyboxWorks, type GuestPrograms, type Laboratory, namespacesWork } from "./laboratory.ts";
import {
  configure,
  g1,
  g2,
  g3,
  guests,
  h1,
  h2,
  type LabGuest,
  type SledName,
  sleds,
  sniffer,
  stateOfSled,
  twoSleds,
} from "./two-sleds.ts";

/** Groups of guests, and the groups of the underlay that carry them. */
const group4 = { group: "239.1.2.3", underlay: "ff04::ef01:203", port: 6000 } as const;
const group6 = { group: "ff1e::77", underlay: "ff04::77", port: 6001 } as const;
type Group = typeof group4 | typeof group6;
const groups: readonly Group[] = [group4, group6];
const anySource = { mode: "exclude" as const, sources: [] };

describe.skipIf(!namespacesWork || !busyboxWorks)("groups of guests on two sleds (root, busybox)", () => {
  let lab: Laboratory;
  let setup: Awaited<ReturnType<typeof twoSleds>>;
  const programs = new Map<string, GuestPrograms>();
  const of = ({ name }: LabGuest): GuestPrograms => {
    const found = programs.get(name);
    if (found === undefined) throw new Error(`${name} has no programs`);
    return found;
  };

  /** Everything that comes from a group is let in: its packets belong to no VPC. */
  const firewall = Object.fromEntries(
    guests.map(({ name, vni }) => [
      name,
      [`dir=in action=allow priority=65534 hosts=vni=${vni}`, "dir=in action=allow priority=100 protocol=udp"],
    ]),
  );
  const stateOf = (sled: SledName, members: readonly LabGuest[]): SledState => ({
    ...stateOfSled(lab, sled, firewall),
    m2p: groups.map(({ group, underlay }) => ({ group, underlay })),
    forwarding: groups.map(({ underlay }) => ({
      ...{ underlay, nextHop: sleds[sled === "s1" ? "s2" : "s1"], vni: 77, replication: "underlay" as const },
      filter: anySource,
    })),
    subscriptions: members
      .filter((guest) => guest.sled === sled)
      .flatMap(({ port }) => groups.map(({ underlay: group }) => ({ group, port, filter: anySource }))),
  });
  const have = async (...members: readonly LabGuest[]): Promise<void> => {
    for (const sled of ["s1", "s2"] as const) await lab.apply(sled, stateOf(sled, members));
  };
  const interfaceOf = (guest: LabGuest, { group }: Group): string =>
    group.includes(":") ? `::%${guest.port}` : guest.ip;
  const tell = async (from: LabGuest, to: Group, text: string): Promise<void> => {
    await of(from).do({ order: "tell", ...to, interface: interfaceOf(from, to), text });
  };
  const heard = (guest: LabGuest, { group }: Group, count: number): Promise<unknown> =>
    of(guest).do({ order: "heard", group, count });
  const counters = async (sled: string): Promise<Readonly<Record<string, number>>> =>
    (await lab.ask(sled, "GET", "/counters")) as Readonly<Record<string, number>>;

  beforeAll(async () => {
    setup = await twoSleds();
    ({ lab } = setup);
    await have(g1, g2, g3);
    for (const guest of guests) {
      await configure(lab, guest);
      lab.ip(guest.name, "address", "add", `${guest.ip6}/128`, "dev", guest.port, "nodad");
      const started = await lab.programs(guest.name);
      programs.set(guest.name, started);
      for (const group of groups) {
        await started.do({ order: "join", ...group, interface: interfaceOf(guest, group) });
      }
    }
  }, 240_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  test.each(groups)("$group: members on both sleds hear one copy, the sender and others none", async (group) => {
    const before = [await counters("s1"), await counters("s2")] as const;
    await tell(g1, group, "first");
    expect(await heard(g3, group, 1)).toEqual(["first"]);
    expect(await heard(g2, group, 1)).toEqual(["first"]);
    // From the other sled: what g1 hears now is all that it has heard, and so is what h1 and h2 hear when they are members.
    await tell(g2, group, "second");
    expect(await heard(g1, group, 1)).toEqual(["second"]);
    expect(await heard(g3, group, 2)).toEqual(["first", "second"]);
    const after = [await counters("s1"), await counters("s2")] as const;
    const grown = (name: string): readonly number[] =>
      after.map((now, at) => (now[name] ?? 0) - (before[at]?.[name] ?? 0));
    expect(grown("mcast_tx_local")).toEqual([1, 0]);
    expect(grown("mcast_tx_underlay")).toEqual([1, 1]);
    expect(grown("mcast_rx_local")).toEqual([2, 1]);
  });

  test("one that leaves hears no more, one that comes hears from then on, and the others do not notice", async () => {
    const known = ((await heard(g2, group4, 1)) as readonly string[]).length;
    await have(g1, g3, h2);
    await tell(g1, group4, "without g2");
    await heard(h2, group4, 1);
    await have(g1, g2, g3);
    await tell(g1, group4, "with g2");
    expect(await heard(g2, group4, known + 1)).toEqual(["first", "with g2"]);
    expect(await heard(h2, group4, 1)).toEqual(["without g2"]);
    expect(await heard(h1, group4, 0)).toEqual([]);
  });

  test("a filter lets through the sources that its member wants", async () => {
    const known = ((await heard(g2, group4, 0)) as readonly string[]).length;
    const filtered = (mode: "include" | "exclude", sources: string[]): Promise<unknown> =>
      lab.ask("s2", "PUT", "/multicast-subscriptions", {
        ...{ group: group4.underlay, port: g2.port, filter: { mode, sources } },
      });
    await filtered("include", [g3.ip]);
    await tell(g1, group4, "from g1, not wanted");
    await tell(g3, group4, "from g3, wanted");
    expect(((await heard(g2, group4, known + 1)) as readonly string[]).slice(known)).toEqual(["from g3, wanted"]);
    await filtered("exclude", [g3.ip]);
    await tell(g3, group4, "from g3, not wanted");
    await tell(g1, group4, "from g1, wanted");
    expect(((await heard(g2, group4, known + 2)) as readonly string[]).slice(known + 1)).toEqual(["from g1, wanted"]);
    expect((await counters("s2"))["mcast_rx_source_filtered"]).toBe(2);
    await filtered("exclude", []);
  });

  test("on the underlay it is one frame to the group's MAC and address, of VNI 77, that says whom it is replicated to", async () => {
    const sniff = lab.background("s2", process.execPath, sniffer, "u0", "u1");
    await sniff.line((line) => line === "listening");
    await tell(g1, group4, "on the wire");
    const payload = Buffer.from("on the wire").toString("hex");
    const line = await sniff.line((each) => each.includes(payload));
    await sniff.stop("SIGKILL");
    const frame = line.split(" ")[1] ?? "";
    expect(frame.slice(0, 12)).toBe("3333ef010203");
    // IPv6 from sled to group, UDP to 6081 without a checksum.
    expect(frame.slice(44, 76)).toBe(Buffer.from(IpAddress.parse(sleds.s1).bytes).toString("hex"));
    expect(frame.slice(76, 108)).toBe("ff0400000000000000000000ef010203");
    expect(frame.slice(112, 116)).toBe("17c1");
    expect(frame.slice(120, 124)).toBe("0000");
    // Geneve: 8 bytes of options, VNI 77; the option of class 0x0129 with the replication underlay.
    expect(frame.slice(124, 140)).toBe("0200655800004d00");
    expect(frame.slice(140, 156)).toBe("0129010140000000");
    // The frame within goes to the group's MAC of Ethernet (RFC 1112).
    expect(frame.slice(156, 168)).toBe("01005e010203");
    const frames = sniff.lines.filter((each) => each.includes(payload));
    expect(frames).toHaveLength(1);
  });

  test("what goes to a group without a mapping dies in the overlay; a restart of opted forgets no member", async () => {
    const overlay = async (): Promise<number> => {
      const found = (await lab.ask("s1", "GET", "/ports/opte0/counters")) as {
        readonly layers: Readonly<Record<string, Readonly<Record<string, number>>>>;
      };
      return found.layers["overlay"]?.["out_deny"] ?? 0;
    };
    const before = await overlay();
    await of(g1).do({ order: "tell", group: "239.9.9.9", port: 6000, interface: g1.ip, text: "nowhere" });
    await expect.poll(overlay).toBeGreaterThan(before);
    await setup.opted.s2.stop();
    setup.opted.s2 = await lab.opted("s2");
    const known = ((await heard(g2, group6, 0)) as readonly string[]).length;
    await tell(g1, group6, "after the restart");
    expect(await heard(g2, group6, known + 1)).toContain("after the restart");
  });
});
