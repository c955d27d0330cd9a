import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Batch } from "../../src/testbed/batch.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function batches(): { readonly batch: Batch<number>; readonly taken: (readonly number[])[] } {
  const taken: (readonly number[])[] = [];
  return { batch: new Batch<number>(100, (items) => taken.push(items)), taken };
}

test("what comes within the time of the first is handed on together, in its order", () => {
  const { batch, taken } = batches();
  batch.add(1);
  vi.advanceTimersByTime(99);
  batch.add(2);
  expect(taken).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(taken).toEqual([[1, 2]]);
  vi.advanceTimersByTime(1000);
  batch.add(3);
  batch.flush();
  batch.flush();
  vi.advanceTimersByTime(1000);
  expect(taken).toEqual([[1, 2], [3]]);
});

test("no batch is longer than a message takes", () => {
  const { batch, taken } = batches();
  for (let item = 0; item < 2500; item += 1) batch.add(item);
  expect(taken.map(({ length }) => length)).toEqual([1000, 1000]);
  vi.advanceTimersByTime(100);
  expect(taken.flat()).toEqual(Array.from({ length: 2500 }, (_, index) => index));
});

test("one that is disposed of hands on nothing", () => {
  const { batch, taken } = batches();
  batch.add(1);
  batch[Symbol.dispose]();
  vi.advanceTimersByTime(1000);
  expect(taken).toEqual([]);
});
