import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { ipv4, ipv6, prefixContains, parsePrefix } from "../../../src/packet/index.ts";
import { portIds, type ServedSwitch, startDpd, type TestedDpd } from "./dpd-fixture.ts";
import { family, NaiveRack, portNumber, requestOf, type Step } from "./naive-rack.ts";
import { anyStep, hops4, hops6, routeStep, settingsStep } from "./random-steps.ts";
import { datagram, toSwitch } from "./rack-fixture.ts";
import { expectedTables, heldTables } from "./rack-tables.ts";

vi.setConfig({ testTimeout: 240_000 });

const macOf = (hop: string): string =>
  `02:00:00:00:00:${(hops4.indexOf(hop) + 1 || hops6.indexOf(hop) + 17).toString(16).padStart(2, "0")}`;
const destinations = ["fd10::1", "fd10:1::1", "fd10:1:2::1", "fd11::1", "10.0.0.1", "10.1.0.1", "11.0.0.1"];

/** Tell dpd and the model the MAC addresses of all next hops. */
async function introduce({ call }: TestedDpd, rack: NaiveRack): Promise<void> {
  for (const ip of [...hops4, ...hops6]) {
    const step: Step = { kind: "neighbor", ip, mac: macOf(ip), tag: "introduced" };
    const [method, path, body] = requestOf(step);
    // A fault may be injected into it.
    await vi.waitFor(
      async () => {
        expect((await call(method, path, body)).status).toBe(rack.apply(step));
      },
      { timeout: 30_000 },
    );
  }
}

/** Ports and MAC addresses that packets to an address leave with; undefined: no route. */
function waysTo(rack: NaiveRack, address: string): readonly string[] | undefined {
  const matches = [...rack.routes].filter(([prefix]) => prefixContains(parsePrefix(prefix), address));
  const [longest] = matches.sort(([a], [b]) => parsePrefix(b).length - parsePrefix(a).length);
  return longest?.[1].map(({ portId, hop }) => `${portNumber(portId)} ${macOf(hop)}`);
}

/** Send packets everywhere: each has to go where it went before, or where it goes afterwards. */
function probe(served: ServedSwitch, before: NaiveRack, after: NaiveRack): void {
  for (const dst of destinations) {
    const [old, next] = [waysTo(before, dst), waysTo(after, dst)];
    const allowed = new Set([old ?? ["to the processor"], next ?? ["to the processor"]].flat());
    for (let flow = 0; flow < 3; flow++) {
      const network = family(dst) === 4 ? ipv4({ src: "10.9.9.9", dst }) : ipv6({ src: "fd19::9", dst });
      const ways = served.send(1, toSwitch(1), network, ...datagram(4000 + 7 * flow)).map(({ port, bytes }) => {
        return port === 0 ? "to the processor" : `${port} ${(bytes.slice(0, 12).match(/../g) ?? []).join(":")}`;
      });
      if (ways.length !== 1 || !allowed.has(ways[0] ?? "")) {
        throw new Error(
          `a packet to ${dst} went ${ways.join(" and ") || "nowhere"}; allowed: ${[...allowed].join(", ")}`,
        );
      }
    }
  }
}

test("random calls have the model's status, leave its tables, and lead no packet astray between two operations", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(routeStep, anyStep), { minLength: 5, maxLength: 40 }), async (steps) => {
      await using tested = await startDpd();
      const rack = new NaiveRack();
      await introduce(tested, rack);
      const strays: unknown[] = [];
      for (const step of steps) {
        const before = rack.clone();
        const status = rack.apply(step);
        tested.switch.afterOperation = () => {
          try {
            probe(tested.switch, before, rack);
          } catch (error) {
            strays.push(error);
          }
        };
        const [method, path, body] = requestOf(step);
        expect([step, (await tested.call(method, path, body)).status]).toEqual([step, status]);
        expect(strays).toEqual([]);
        expect(heldTables(tested.switch)).toEqual(expectedTables(rack));
      }
    }),
    { numRuns: 15 },
  );
});

test("a switch that was away, or began anew, gets all that it shall hold, and calls meanwhile succeed", async () => {
  const part = fc.record({
    meanwhile: fc.array(anyStep, { maxLength: 8 }),
    later: fc.array(anyStep, { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), async (parts) => {
      await using tested = await startDpd();
      const rack = new NaiveRack();
      const run = async (steps: readonly Step[]): Promise<void> => {
        for (const step of steps) {
          const [method, path, body] = requestOf(step);
          const { status } = await tested.call(method, path, body);
          expect([step, status]).toEqual([step, rack.apply(step)]);
        }
      };
      for (const { meanwhile, later } of parts) {
        await tested.switch.end();
        await run(meanwhile);
        await tested.switch.begin();
        await vi.waitFor(
          () => {
            expect(heldTables(tested.switch)).toEqual(expectedTables(rack));
          },
          { timeout: 30_000, interval: 20 },
        );
        await run(later);
        await tested.dpd.control.driver.synced;
        expect(heldTables(tested.switch)).toEqual(expectedTables(rack));
      }
    }),
    { numRuns: 10 },
  );
});

test("A12: of calls hit by faults nothing is left, of others everything", async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(anyStep, settingsStep), { minLength: 30, maxLength: 40 }),
      fc.string(),
      async (steps, seed) => {
        await using tested = await startDpd({ injected_faults: { share: 0.1, seed } });
        const rack = new NaiveRack();
        for (const step of steps) {
          const after = rack.clone();
          const status = after.apply(step);
          const [method, path, body] = requestOf(step);
          const answer = await tested.call(method, path, body);
          if (answer.status === 418) {
            hits += 1;
            expect(answer.value).toMatchObject({ error_code: "InjectedFault" });
          } else {
            expect([step, answer.status]).toEqual([step, status]);
            rack.apply(step);
          }
          expect(heldTables(tested.switch)).toEqual(expectedTables(rack));
          const { value } = await tested.call("GET", "/all-settings");
          expect(Object.keys((value as Record<string, { links: object }>)["rear0"]?.links ?? {})).toEqual(
            rack.links.has("rear0") ? ["0"] : [],
          );
        }
      },
    ),
    { numRuns: 8 },
  );
  expect(hits).toBeGreaterThan(10);
});

test("A12: settings of all ports in parallel, with faults", async () => {
  await using tested = await startDpd({ injected_faults: { share: 0.1, seed: "parallel" } });
  const rack = new NaiveRack();
  let hits = 0;
  await Promise.all(
    portIds.map(async (portId, at) => {
      for (let round = 0; round < 40; round++) {
        const addrs = Array.from(
          { length: (round * (at + 3)) % 5 },
          (_, number) => `fd2${at}::${((round + number) % 7) + 1}`,
        );
        const step: Step = { kind: "settings", portId, addrs, tag: "parallel" };
        const [method, path, body] = requestOf(step);
        const { status } = await tested.call(method, path, body);
        if (status === 418) hits += 1;
        else expect(status).toBe(rack.apply(step));
      }
    }),
  );
  expect(hits).toBeGreaterThan(5);
  expect(heldTables(tested.switch)).toEqual(expectedTables(rack));
});

test("what cannot be taken back is said, and put right by a full comparison", async () => {
  await using tested = await startDpd({ injected_faults: { share: 0.5, rollback_share: 1, seed: "rollback" } });
  const rack = new NaiveRack();
  const statuses = new Set<number>();
  for (let number = 1; number <= 30; number++) {
    const step: Step = { kind: "address", portId: "qsfp0", addr: `fd30::${number.toString(16)}`, tag: "t" };
    const [method, path, body] = requestOf(step);
    const { status, value } = await tested.call(method, path, body);
    statuses.add(status);
    if (status === 500) expect(value).toMatchObject({ error_code: "RollbackFailed" });
    if (status === 204) rack.apply(step);
  }
  await tested.dpd.control.driver.synced;
  expect(heldTables(tested.switch)).toEqual(expectedTables(rack));
  expect(statuses).toEqual(new Set([204, 418, 500]));
});
