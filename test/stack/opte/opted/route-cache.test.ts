import { expect, test } from "vitest";
import { IpAddress } from "../../../../src/stack/opte/engine/parse/address.ts";
import { RouteCache } from "../../../../src/stack/opte/opted/route-cache.ts";

const [one, two] = ["fd00::1", "fd00::2"].map((text) => IpAddress.parse(text)) as [IpAddress, IpAddress];
const way = "by u0";

/** A cache, and how often the kernel was asked. */
function cached(): {
  readonly cache: RouteCache<string>;
  asked: number;
  find: (to: IpAddress, port: number, now: number, generation?: number) => string | undefined;
  answer: string | undefined;
} {
  const cache = new RouteCache<string>();
  const state = {
    cache,
    asked: 0,
    answer: way as string | undefined,
    find: (to: IpAddress, port: number, now: number, generation = 0) =>
      cache.find(to, port, now, generation, () => {
        state.asked += 1;
        return state.answer;
      }),
  };
  return state;
}

test("a way is asked for once in 100 ms, for each destination and flow", () => {
  const state = cached();
  for (const now of [0, 50, 100]) expect(state.find(one, 7, now)).toBe(way);
  expect(state.asked).toBe(1);
  state.find(one, 8, 100);
  state.find(two, 7, 100);
  expect(state.asked).toBe(3);
  state.find(one, 7, 101);
  expect(state.asked).toBe(4);
  expect(state.cache.stats).toMatchObject({ capacity: 8192, occupancy: 3, hit: 2, miss: 3, refresh: 1, error: 0 });
});

test("a change of the kernel's routes counts at once", () => {
  const state = cached();
  state.find(one, 7, 0, 1);
  state.answer = undefined;
  expect(state.find(one, 7, 1, 1)).toBe(way);
  expect(state.find(one, 7, 2, 2)).toBeUndefined();
  expect(state.cache.stats).toMatchObject({ hit: 1, miss: 1, refresh: 1, error: 1 });
});

test("what was not asked about for a second is forgotten", () => {
  const state = cached();
  state.find(one, 7, 0);
  state.find(one, 8, 1);
  state.cache.prune(1000);
  expect(state.cache.stats.occupancy).toBe(2);
  state.cache.prune(1001);
  expect(state.cache.stats.occupancy).toBe(1);
  state.find(one, 7, 1001);
  expect(state.cache.stats).toMatchObject({ miss: 3, occupancy: 2 });
});

test("#997, #998: thousands of flows are held; a full cache asks each time, and drives none out", () => {
  const state = cached();
  const events: string[] = [];
  state.cache.listener = (event) => void events.push(event);
  for (let port = 0; port < 8192; port++) state.find(one, port, 0);
  state.find(two, 1, 0);
  state.find(two, 1, 0);
  expect(state.cache.stats).toMatchObject({ occupancy: 8192, table_full: 2, miss: 8194, hit: 0 });
  for (let port = 0; port < 8192; port++) state.find(one, port, 1);
  expect(state.cache.stats).toMatchObject({ hit: 8192 });
  expect([events.at(0), events.at(8192), events.at(-1)]).toEqual(["insert", "full", "hit"]);
});
