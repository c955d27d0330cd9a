import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { DpdDriver } from "../../../src/stack/ddm/forwarding/dpd-driver.ts";

interface Target {
  readonly tag: string;
  readonly port_id: string;
  readonly link_id: number;
  readonly tgt_ip: string;
  readonly vlan_id: number | null;
}

/** dpd's IPv6 routes as section 4.3 has them: two routes a page, at most two targets a route. */
class SmallDpd implements AsyncDisposable {
  readonly routes = new Map<string, Target[]>();
  readonly calls: string[] = [];
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [status, body] = this.#answer(request.method ?? "", request.url ?? "", Buffer.concat(chunks).toString());
      response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
    });
  });

  async listen(): Promise<{ host: string; port: number }> {
    this.#server.listen(0, "::1");
    await once(this.#server, "listening");
    return { host: "::1", port: (this.#server.address() as AddressInfo).port };
  }

  #answer(method: string, url: string, body: string): [number, unknown?] {
    const { pathname, searchParams } = new URL(url, "http://dpd");
    const [cidr, port, link, address] = pathname.split("/").slice(3).map(decodeURIComponent);
    if (method !== "GET") this.calls.push(`${method} ${decodeURIComponent(pathname)}`);
    if (method === "POST") {
      const { cidr: wanted, target } = JSON.parse(body) as { cidr: string; target: Target };
      const targets = this.routes.get(wanted) ?? [];
      if (targets.length === 2) return [400, { message: "too many targets" }];
      this.routes.set(wanted, [...targets, target]);
      return [204];
    }
    if (cidr === undefined) {
      const all = [...this.routes].map(([key, targets]) => ({ cidr: key, targets }));
      const from = Number(searchParams.get("page_token") ?? 0);
      const next = from + 2 < all.length ? String(from + 2) : null;
      return [200, { items: all.slice(from, from + 2), next_page: next }];
    }
    const targets = this.routes.get(cidr);
    if (targets === undefined) return [404, { message: "no such route" }];
    if (method === "GET") return [200, targets];
    if (port === undefined) return [500, { message: "whole routes are not to be deleted (Q4)" }];
    const left = targets.filter(
      (each) => each.tgt_ip !== address || each.port_id !== port || each.link_id !== Number(link),
    );
    if (left.length === 0) this.routes.delete(cidr);
    else this.routes.set(cidr, left);
    return [204];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

const rear = (port: number): { link: string; address: string } => ({
  link: `tfportrear${port}_0`,
  address: `fe80::${port + 1}`,
});
const target = (port: number, tag = "ddmd"): Target => ({
  tag,
  port_id: `rear${port}`,
  link_id: 0,
  tgt_ip: `fe80::${port + 1}`,
  vlan_id: null,
});

test("Q4, Q5: next hops are added and deleted one by one, and there is always one", async () => {
  await using dpd = new SmallDpd();
  const driver = new DpdDriver(await dpd.listen());
  const destination = "fd00:1::/64";
  expect(await driver.program([{ destination, nextHops: [rear(0), rear(1)] }])).toEqual([]);
  expect(dpd.routes.get(destination)).toEqual([target(0), target(1)]);
  expect(await driver.program([{ destination, nextHops: [rear(1)] }])).toEqual([]);
  dpd.calls.length = 0;
  expect(await driver.program([{ destination, nextHops: [rear(2)] }])).toEqual([]);
  expect(dpd.calls).toEqual(["POST /route/ipv6", "DELETE /route/ipv6/fd00:1::/64/rear1/0/fe80::2"]);
  expect(dpd.routes.get(destination)).toEqual([target(2)]);
  expect(await driver.program([{ destination, nextHops: [] }])).toEqual([]);
  expect(dpd.routes.size).toBe(0);
});

test("the routes of others stay, and are not told as this daemon's", async () => {
  await using dpd = new SmallDpd();
  const driver = new DpdDriver(await dpd.listen());
  for (const at of [1, 2, 3]) dpd.routes.set(`fd00:${at}::/64`, [target(at, at === 2 ? "mgd" : "ddmd")]);
  expect(await driver.snapshot()).toEqual(
    new Map([
      ["fd00:1::/64", [rear(1)]],
      ["fd00:3::/64", [rear(3)]],
    ]),
  );
  await driver.program([{ destination: "fd00:2::/64", nextHops: [] }]);
  expect(dpd.routes.get("fd00:2::/64")).toEqual([target(2, "mgd")]);
});

test("what dpd refuses is told with its words, and does not hold up other routes", async () => {
  await using dpd = new SmallDpd();
  const driver = new DpdDriver(await dpd.listen());
  const failures = await driver.program([
    { destination: "fd00:1::/64", nextHops: [rear(0), rear(1), rear(2)] },
    { destination: "fd00:2::/64", nextHops: [{ link: "eth0", address: "fe80::9" }] },
    { destination: "fd00:3::/64", nextHops: [rear(0)] },
  ]);
  expect(failures.map(({ destination }) => destination).sort()).toEqual(["fd00:1::/64", "fd00:2::/64"]);
  expect(failures.find(({ destination }) => destination === "fd00:1::/64")?.reason).toContain("too many targets");
  expect(dpd.routes.get("fd00:3::/64")).toEqual([target(0)]);
});
