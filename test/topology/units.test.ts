import { describe, expect, it } from "vitest";
import {
  durationPattern,
  formatBitsPerSecond,
  formatMebibytes,
  formatMicroseconds,
  parseBitsPerSecond,
  parseBytes,
  parseMebibytes,
  parseMicroseconds,
  parseMilliseconds,
  parseProbability,
  percentPattern,
  ratePattern,
  sizePattern,
} from "../../src/topology/units.ts";

describe("units", () => {
  it("are resolved", () => {
    expect(parseBytes("64 KiB")).toBe(65_536);
    expect(parseBytes("1.5kB")).toBe(1500);
    expect(parseMebibytes("256 MiB")).toBe(256);
    expect(parseMebibytes("1 GB")).toBe(954);
    expect(parseMicroseconds("250us")).toBe(250);
    expect(parseMicroseconds("1.5 ms")).toBe(1500);
    expect(parseMilliseconds("2 min")).toBe(120_000);
    expect(parseMilliseconds("1 us")).toBe(1);
    expect(parseProbability("0.5 %")).toBe(0.005);
    expect(parseProbability(0.25)).toBe(0.25);
    expect(parseBitsPerSecond("10 mbit")).toBe(10_000_000);
    expect(parseBitsPerSecond("1.5 Gbit/s")).toBe(1_500_000_000);
  });

  it.each([
    [sizePattern, ["256", "256MIB", "-1 KiB", "1e3 B", "MiB", "1 MiBx"]],
    [durationPattern, ["10", "ms", "-1 ms", "1 d", "10  ms"]],
    [percentPattern, ["101%", "1", "-1%", "100.5%", "%"]],
    [ratePattern, ["10", "10 mb", "10 mbps", "-1 mbit"]],
  ])("that are none are refused by %s", (pattern, texts) => {
    expect(texts.filter((text) => pattern.test(text))).toEqual([]);
  });

  it("are written as people write them", () => {
    expect([1536, 256, 1025].map(formatMebibytes)).toEqual(["1.5 GiB", "256 MiB", "1025 MiB"]);
    expect([250, 1500, 2_000_000].map(formatMicroseconds)).toEqual(["250 us", "1.5 ms", "2 s"]);
    expect([9600, 1e7, 1e9, 0].map(formatBitsPerSecond)).toEqual(["9.6 kbit/s", "10 mbit/s", "1 gbit/s", "0 bit/s"]);
  });
});
