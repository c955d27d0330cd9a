import { expect, it, vi } from "vitest";
import { GuestBreaker } from "../../../src/flow/fault/guest-breaker.ts";

const never = () => new Promise<void>(() => undefined);

it("a guest that hangs is given up after its time, at the beginning as in healing", async () => {
  const breaker = new GuestBreaker("h1", { begin: never, heal: never }, 20);
  const late = "h1: expected its guest to have done it within 20 ms, found that it has not answered";
  await expect(breaker.begin()).rejects.toThrow(`break something in the node: ${late}`);
  await expect(breaker.heal()).rejects.toThrow(`heal something in the node: ${late}`);
});

it("a guest that answers in time leaves no timer behind", async () => {
  vi.useFakeTimers();
  try {
    const breaker = new GuestBreaker("h1", {
      begin: () => Promise.resolve(),
      heal: () => Promise.reject(new Error("h1 will not")),
    });
    await breaker.begin();
    await expect(breaker.heal()).rejects.toThrow("h1 will not");
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
