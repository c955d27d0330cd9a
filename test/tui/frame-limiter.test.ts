import { expect, test } from "vitest";
import { FrameLimiter } from "../../src/tui/run/frame-limiter.ts";

/** Timers that go as fast as they are told to; drawing takes `drawMs`. */
function clock(drawMs: number) {
  let now = 0;
  let pending: { readonly work: () => void; readonly at: number } | undefined;
  const frames: number[] = [];
  const limiter = new FrameLimiter(
    () => {
      frames.push(now);
      now += drawMs;
    },
    {
      now: () => now,
      set: (work, milliseconds) => (pending = { work, at: now + milliseconds }),
      clear: (timer) => {
        if (pending === timer) pending = undefined;
      },
    },
  );
  const advance = (until: number, each: () => void = () => undefined): void => {
    while (now < until) {
      each();
      if (pending !== undefined && pending.at <= now) {
        const { work } = pending;
        pending = undefined;
        work();
      }
      now += 1;
    }
  };
  return { limiter, frames, advance };
}

test("news alone are drawn four times a second, however many there are", () => {
  const { limiter, frames, advance } = clock(1);
  advance(1000, () => {
    limiter.request(false);
  });
  expect(frames).toEqual([0, 250, 500, 750]);
});

test("a key is drawn within 33 ms, in the middle of a storm", () => {
  const { limiter, frames, advance } = clock(0);
  advance(100, () => {
    limiter.request(false);
  });
  limiter.request(true);
  advance(140, () => {
    limiter.request(false);
  });
  expect(frames).toEqual([0, 100]);
  limiter.request(true);
  advance(200);
  expect(frames).toEqual([0, 100, 140]);
});

test("where drawing takes long, it is done less often: a twenty-fifth of the time", () => {
  const { limiter, frames, advance } = clock(40);
  advance(3000, () => {
    limiter.request(false);
  });
  expect(frames).toHaveLength(3);
});

test("nothing is drawn without news, or after the end", () => {
  const { limiter, frames, advance } = clock(1);
  advance(1000);
  limiter.request(true);
  limiter.stop();
  advance(2000);
  expect(frames).toEqual([]);
});
