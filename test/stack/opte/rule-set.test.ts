import fc from "fast-check";
import { expect, test } from "vitest";
import { build, icmp, type Packet as Layers, tcp, udp } from "../../../src/packet/index.ts";
import type { Predicate, Range } from "../../../src/stack/opte/engine/layer/predicate.ts";
import { RuleSet, type RuleSpec } from "../../../src/stack/opte/engine/layer/rule-set.ts";
import { Walk } from "../../../src/stack/opte/engine/layer/walk.ts";
import { IpPrefix } from "../../../src/stack/opte/engine/parse/address.ts";
import { Frame } from "../../../src/stack/opte/engine/parse/frame.ts";
import { Packet } from "../../../src/stack/opte/engine/parse/packet.ts";
import { parseInner } from "../../../src/stack/opte/engine/parse/parse-inner.ts";
import { prefixContains } from "../../../src/packet/index.ts";
import { g1, guestFrame } from "./fixture.ts";

const hosts4 = ["10.0.0.1", "10.0.0.2", "10.1.0.1"];
const hosts6 = ["fd00::1", "fd00::2", "fd00:0:0:1::1"];
const prefixes = [
  "10.0.0.0/8",
  "10.0.0.0/24",
  "10.0.0.1/32",
  "fd00::/16",
  "fd00::/64",
  "fd00::1/128",
  "0.0.0.0/0",
  "::/0",
];
const small = fc.integer({ min: 1, max: 6 });

const range: fc.Arbitrary<Range> = fc
  .tuple(small, small)
  .map(([a, b]) => ({ low: Math.min(a, b), high: Math.max(a, b) }));

const plain: fc.Arbitrary<Predicate> = fc.oneof(
  fc.record({
    kind: fc.constant("ether-type" as const),
    values: fc.subarray([0x0800, 0x86dd, 0x0806], { minLength: 1 }),
  }),
  fc.record({ kind: fc.constant("protocol" as const), values: fc.subarray([1, 6, 17], { minLength: 1 }) }),
  fc.record({
    kind: fc.constantFrom("source" as const, "destination" as const),
    values: fc.array(
      fc.constantFrom(...prefixes).map((text) => IpPrefix.parse(text)),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({
    kind: fc.constantFrom("source-port" as const, "destination-port" as const),
    values: fc.array(range, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("icmp-type" as const), values: fc.constant([{ low: 0, high: 8 }]) }),
);

const predicate: fc.Arbitrary<Predicate> = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: plain.map((of) => ({ kind: "not" as const, of })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("any" as const, "all" as const), fc.array(plain, { maxLength: 3 }))
      .map(([kind, of]) => ({ kind, of })),
  },
);

const rule: fc.Arbitrary<RuleSpec> = fc.record({
  priority: fc.integer({ min: 0, max: 4 }),
  predicates: fc.array(predicate, { maxLength: 3 }),
  action: fc.constantFrom({ kind: "allow" as const }, { kind: "deny" as const }),
});

const packet: fc.Arbitrary<Layers> = fc
  .tuple(
    fc.constantFrom(hosts4, hosts6),
    fc.nat(2),
    fc.nat(2),
    fc.oneof(
      fc.tuple(small, small).map(([srcPort, dstPort]) => tcp({ srcPort, dstPort })),
      fc.tuple(small, small).map(([srcPort, dstPort]) => udp({ srcPort, dstPort })),
      fc.constant(icmp({ message: "echo-request", identifier: 1, sequence: 1 })),
    ),
  )
  .filter(([hosts, , , top]) => hosts === hosts4 || top.layer !== "icmp")
  .map(([hosts, from, to, top]) => guestFrame(g1, hosts[from] ?? "", hosts[to] ?? "", top));

/** The same question, asked of the packet as the codecs of the project read it. */
function holds(predicate: Predicate, layers: Layers): boolean {
  const ip = layers.find("ipv4") ?? layers.find("ipv6");
  const ported = layers.find("tcp") ?? layers.find("udp");
  const inRange = (ranges: readonly Range[], value: number | undefined): boolean =>
    value !== undefined && ranges.some(({ low, high }) => low <= value && value <= high);
  switch (predicate.kind) {
    case "ether-type":
      return predicate.values.includes(ip?.layer === "ipv4" ? 0x0800 : 0x86dd);
    case "protocol":
      return predicate.values.includes(layers.find("tcp") ? 6 : layers.find("udp") ? 17 : 1);
    case "source":
    case "destination": {
      const address = (predicate.kind === "source" ? ip?.src : ip?.dst) ?? "";
      return predicate.values.some(({ family, address: { text }, length }) =>
        prefixContains({ family, address: text, length }, address),
      );
    }
    case "source-port":
      return inRange(predicate.values, ported?.srcPort);
    case "destination-port":
      return inRange(predicate.values, ported?.dstPort);
    case "icmp-type":
      return inRange(predicate.values, layers.find("icmp") ? 8 : undefined);
    case "not":
      return !holds(predicate.of, layers);
    case "any":
      return predicate.of.some((each) => holds(each, layers));
    case "all":
      return predicate.of.every((each) => holds(each, layers));
    case "ether-source":
    case "ether-destination":
    case "ether-multicast":
    case "icmp-code":
    case "meta":
    case "dhcp-message":
    case "dhcpv6-message":
      throw new Error(`the test makes no predicate of kind ${predicate.kind}`);
  }
}

/** Rules in the order that the specification asks for, one put in after the other. */
function ordered(specs: readonly RuleSpec[]): RuleSpec[] {
  const rules: RuleSpec[] = [];
  for (const spec of specs) {
    const later = rules.filter(({ priority }) => priority > spec.priority);
    const equal = rules.filter(({ priority }) => priority === spec.priority);
    const earlier = rules.filter(({ priority }) => priority < spec.priority);
    const denies = equal.filter(({ action }) => action.kind === "deny");
    const others = equal.filter(({ action }) => action.kind !== "deny");
    const middle = spec.action.kind === "deny" ? [spec, ...denies, ...others] : [...denies, spec, ...others];
    rules.splice(0, rules.length, ...earlier, ...middle, ...later);
  }
  return rules;
}

test("the rule that matches is the one a naive matcher finds", { timeout: 60_000 }, () => {
  const frame = new Frame(2000);
  const walk = new Walk(new Packet());
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 12 }),
      fc.array(packet, { minLength: 1, maxLength: 5 }),
      (specs, packets) => {
        const rules = new RuleSet();
        for (const spec of specs) rules.add(spec);
        const naive = ordered(specs);
        for (const layers of packets) {
          frame.load(build(layers));
          expect(parseInner(frame, frame.start, frame.end, true, walk.packet)).toBe(true);
          walk.begin(frame, false, 0);
          const found = rules.match(walk);
          const expected = naive.find(({ predicates }) => predicates.every((each) => holds(each, layers)));
          expect(found?.predicates).toBe(expected?.predicates);
          expect(found?.action).toBe(expected?.action);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("ids grow and are never used again", () => {
  const rules = new RuleSet();
  const spec: RuleSpec = { priority: 1, predicates: [], action: { kind: "allow" } };
  expect([rules.add(spec), rules.add(spec)]).toEqual([0, 1]);
  expect([rules.remove(1), rules.remove(1)]).toEqual([true, false]);
  rules.replace([spec]);
  expect(rules.rules.map(({ id }) => id)).toEqual([2]);
});

test("rules that are the same have their ids and counters again, others get ids that nobody had", () => {
  const port = (low: number): RuleSpec => ({
    priority: 10,
    predicates: [{ kind: "destination-port", values: [{ low, high: low }] }],
    action: { kind: "stateful-allow" },
  });
  const numbered = (rules: RuleSet): unknown =>
    rules.rules.map(({ predicates: [predicate], id, hits }) => [
      predicate?.kind === "destination-port" ? predicate.values[0]?.low : undefined,
      id,
      hits,
    ]);
  const before = new RuleSet();
  for (const low of [1, 2, 3, 2, 4]) before.add(port(low));
  before.remove(4);
  for (const rule of before.rules) rule.hits = 100 + rule.id;
  const after = new RuleSet();
  after.replace([2, 5, 1, 2].map(port));
  after.restoreNumbers(JSON.parse(JSON.stringify(before.numbers)) as typeof before.numbers);
  const order = numbered(after) as [number, number, number][];
  expect(order.toSorted(([a, b], [c, d]) => a - c || b - d)).toEqual([
    [1, 0, 100],
    [2, 1, 101],
    [2, 3, 103],
    [5, 5, 0],
  ]);
  expect(after.add(port(6))).toBe(6);
});
