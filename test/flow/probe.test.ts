import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPlaceOfTestbed, probe, type ProbeOptions } from "../../src/flow/probe.ts";
import { describe as summary } from "../../src/packet/index.ts";
import { plan, RoutedBed } from "./routed-bed.ts";

let routed: RoutedBed;

beforeAll(async () => {
  routed = await RoutedBed.open();
});
afterAll(() => routed[Symbol.asyncDispose]());

const from = (options: ProbeOptions) => probe(routed.bed.port("h1:net0"), options);

describe("probe", () => {
  test.for<[ProbeOptions, string]>([
    [{ to: "h2" }, "IPv6 fd00:1::1 > fd00:2::2 hlim 64 ICMPv6 echo request"],
    [{ to: "h2:net0", family: "ipv4" }, "IPv4 10.0.1.1 > 10.0.2.2 ttl 64 ICMP echo request"],
    [{ to: "r1:net1", hopLimit: 2 }, "IPv6 fd00:1::1 > fd00:2::fe hlim 2"],
    [{ to: "192.0.2.1", udpPort: 53 }, "IPv4 10.0.1.1 > 192.0.2.1 ttl 64 UDP 33434 > 53"],
    [{ to: "2001:db8::1" }, "IPv6 fd00:1::1 > 2001:db8::1"],
    [{ to: "::1" }, "IPv6 fd00:1::1 > ::1"],
  ])("%o", async ([options, text]) => {
    const sent = await from(options);
    expect(summary(sent)).toContain(text);
    const macOf = (node: string) => plan.nodes.find(({ name }) => name === node)?.ports[0]?.mac;
    expect(sent.find("ethernet")).toMatchObject({ src: macOf("h1"), dst: macOf("r1") });
  });

  test.for<[ProbeOptions, RegExp]>([
    [{ to: "h3" }, /no such node in topology routed/],
    [{ to: "h2:net7" }, /no such port in topology routed/],
    [{ to: "10.0.2.2", family: "ipv6" }, /expected addresses of IPv6 at both ends, found .* and 10\.0\.2\.2/],
  ])("%o is refused", async ([options, message]) => {
    await expect(from(options)).rejects.toThrow(message);
  });

  test("knows the places of its testbed", () => {
    const places = ["h2", "h2:net0", "fd00::1", "10.0.0.1"].map((to) => isPlaceOfTestbed(routed.bed, to));
    expect(places).toEqual([true, true, false, false]);
    for (const nowhere of ["h2:net9", "h9"]) expect(() => isPlaceOfTestbed(routed.bed, nowhere)).toThrow(/no such/);
  });
});
