import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dpdConfigurationSchema } from "../../../src/stack/dpd/configuration.ts";
import { runDpd } from "../../../src/stack/dpd/run-dpd.ts";
import { DpdClient } from "../../../src/stack/mgd/dpd-client.ts";
import { wantedOf } from "../../../src/stack/mgd/engine/wanted.ts";
import { switchOf, uplinkOf } from "./desired-switch.ts";

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const port = (id: string, number: number) => ({ id, interface: id, number, mac: `a8:40:25:00:00:0${number}` });
const target = { internal_ip: "fd00:1122:3344:101::1", inner_mac: "a8:40:25:f0:00:01", vni: 4711 };
const other = { ...target, internal_ip: "fd00:1122:3344:102::1" };
const nat = { external_ip: "198.51.100.1", first_port: 0, last_port: 16_383, target };
const wanted = (change: Parameters<typeof switchOf>[0]) => wantedOf(switchOf(change), [], "::1").dpd;

describe("a real dpd, whose switch is away", () => {
  let dpd: Awaited<ReturnType<typeof runDpd>>;
  let client: DpdClient;
  const ended = new AbortController();
  beforeAll(async () => {
    const configuration = dpdConfigurationSchema.parse({
      listen: { host: "127.0.0.1", port: 0 },
      p4switch: { host: "127.0.0.1", port: 1 },
      ports: [port("rear0", 1), port("qsfp0", 2), port("qsfp1", 3)],
    });
    dpd = await runDpd(configuration, quiet);
    client = new DpdClient({ host: "127.0.0.1", port: dpd.port }, ended.signal);
  });
  afterAll(async () => {
    ended.abort();
    await dpd[Symbol.asyncDispose]();
  });

  test("becomes what it shall be, once, and something else afterwards", async () => {
    const first = wanted({
      uplinks: [uplinkOf("qsfp0", ["192.0.2.1/30", "2001:db8:1::1/64"])],
      loopback_addresses: [{ address: "203.0.113.9/32", anycast: false }],
      nat: [nat, { ...nat, external_ip: "2001:DB8::1" }],
      attached_subnets: [{ subnet: "198.51.100.64/28", target }],
    });
    expect(await client.apply(first)).toEqual([
      "POST /port/qsfp0/settings?tag=mgd",
      "PUT /ports/qsfp0/links/0/ipv6_enabled",
      "POST /loopback/ipv4",
      "PUT /nat/ipv4/198.51.100.1/0/16383",
      "PUT /nat/ipv6/2001:db8::1/0/16383",
      "PUT /attached_subnet/198.51.100.64%2F28",
    ]);
    expect(await client.apply(first)).toEqual([]);
    const second = wanted({ uplinks: [uplinkOf("qsfp1", ["192.0.2.1/30"])], nat: [{ ...nat, target: other }] });
    expect(await client.apply(wanted({}))).toHaveLength(6);
    expect(await client.apply(wanted({}))).toEqual([]);
    expect(await client.apply(second)).toHaveLength(2);
    expect(await client.apply(second)).toEqual([]);
    const moved = wanted({ uplinks: [uplinkOf("qsfp1", ["192.0.2.1/30"])], nat: [nat] });
    expect(await client.apply(moved)).toEqual([
      "DELETE /nat/ipv4/198.51.100.1/0",
      "PUT /nat/ipv4/198.51.100.1/0/16383",
    ]);
    const uplinks = [uplinkOf("qsfp0", ["192.0.2.5/30"]), uplinkOf("qsfp1", ["192.0.2.1/30"])];
    await client.apply(wanted({ uplinks }));
    const swapped = wanted({ uplinks: [uplinkOf("qsfp0", ["192.0.2.1/30"]), uplinkOf("qsfp1", ["192.0.2.5/30"])] });
    await client.apply(swapped);
    expect(await client.apply(swapped)).toEqual([]);
  });

  test("has mgd's routes, of both families, and keeps those of others", async () => {
    const first = { port: "qsfp0", link: 0, nextHop: "192.0.2.2" };
    const second = { port: "qsfp1", link: 0, nextHop: "fe80::6" };
    const routes = [
      { prefix: "0.0.0.0/0", paths: [first, second] },
      { prefix: "2001:db8::/32", paths: [second] },
    ];
    expect(await client.applyRoutes(routes)).toHaveLength(3);
    expect(await client.applyRoutes(routes)).toEqual([]);
    expect(await client.routes()).toEqual(routes);
    expect(await client.applyRoutes(routes.slice(0, 1))).toEqual([
      "DELETE /route/ipv6/2001%3Adb8%3A%3A%2F32/qsfp1/0/fe80::6",
    ]);
    expect(await client.applyRoutes([])).toHaveLength(2);
    expect(await client.routes()).toEqual([]);
  });
});
