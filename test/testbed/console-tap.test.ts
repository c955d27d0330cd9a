import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ConsoleTap } from "../../src/testbed/console-tap.ts";

/** What was heard of "panic" after each of these pieces. */
async function heardAfter(...pieces: readonly string[]): Promise<readonly boolean[]> {
  const tap = new ConsoleTap();
  const stream = new PassThrough();
  tap.connect(stream);
  let heard = 0;
  tap.listenFor("panic", () => (heard += 1));
  const after: boolean[] = [];
  for (const piece of pieces) {
    stream.write(piece);
    await new Promise(setImmediate);
    after.push(heard > 0);
  }
  expect(heard).toBeLessThanOrEqual(1);
  return after;
}

test("words are heard when their line has ended, in whatever pieces it comes", async () => {
  expect(await heardAfter("a pa", "nic: last ", "words\r\n", "panic\n")).toEqual([false, false, true, true]);
  expect(await heardAfter("quiet\n", "a panic\nmore")).toEqual([false, true]);
});

test("a line that does not end is not waited for for ever", async () => {
  expect(await heardAfter("panic", "x".repeat(4096))).toEqual([false, true]);
});
