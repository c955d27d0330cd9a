import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Laboratory, namespacesWork } from "./namespaces.ts";

const limit = { timeout: 60_000, interval: 50 };
const both = ["net0", "net1"];

/** s1 and s2 are sleds with a cable to each of the switches t1 and t2. */
describe.skipIf(!namespacesWork)("ddmd in network namespaces", { timeout: 600_000 }, () => {
  let lab: Laboratory;

  const server = (name: string, own: string): object => ({
    kind: "server",
    interfaces: ["net0", "net1"],
    originate: [`fd00:${own}::/64`],
    sourceAddress: `fd00:${own}::1`,
    bootstrapInterface: "net0",
    admin: { host: "::", port: 8000 },
    // A busy host is slow to start a daemon anew.
    timers: { expireThreshold: 60_000 },
  });
  const transit: object = { kind: "transit", interfaces: ["rear0", "rear1"] };

  beforeAll(() => {
    lab = new Laboratory();
    lab.node("s1", "fd00:1::1");
    lab.node("s2", "fd00:2::1");
    lab.node("t1", undefined);
    lab.node("t2", undefined);
    for (const [at, switchName] of ["t1", "t2"].entries()) {
      lab.wire("s1", `net${at}`, switchName, "rear0");
      lab.wire("s2", `net${at}`, switchName, "rear1");
    }
    lab.start("s1", server("s1", "1"));
    lab.start("s2", server("s2", "2"));
    lab.start("t1", transit);
    lab.start("t2", transit);
  });

  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  const bothWays = (): Promise<void> =>
    expect.poll(() => [lab.routes("s1")["fd00:2::/64"], lab.routes("s2")["fd00:1::/64"]], limit).toEqual([both, both]);

  test("sleds reach each other by both switches, from the address that they were given", async () => {
    await bothWays();
    expect(lab.ip("s1", "-6", "route", "get", "fd00:2::1")).toContain("src fd00:1::1");
    // A request to the far admin API crosses the network.
    const peers = JSON.parse(lab.ddmadm("s1", "-a", "fd00:2::1", "--json", "get-peers")) as Record<
      string,
      { host: string; status: { type: string } }
    >;
    expect(
      Object.values(peers)
        .map(({ host, status }) => [host, status.type])
        .toSorted(),
    ).toEqual([
      ["t1", "Exchange"],
      ["t2", "Exchange"],
    ]);
  });

  test("ddmadm tells in columns what there is", async () => {
    expect(lab.ddmadm("t1", "get-peers")).toMatch(
      /^Interface +Host +Address +Kind +Status +Duration\nrear0 +s1 +fe80::\S+ +server +Exchange +\d.*\nrear1 +s2 /,
    );
    expect(lab.ddmadm("s1", "get-prefixes")).toMatch(
      /^Destination +Next Hop +Path\n(.*\n)*fd00:2::\/64 +fe80::\S+ +t[12] s2\n/,
    );
    await expect
      .poll(() => lab.ddmadm("s1", "get-originated"), limit)
      .toMatch(/^Prefix\nfd00:1::\/64\nfdb0:\S+::\/64\n$/);
    await expect.poll(() => lab.ddmadm("s2", "get-originated"), limit).toContain("fdb0:");
    const [bootstrap = ""] = /fdb0:\S+(?=::\/64)/.exec(lab.ddmadm("s2", "get-originated")) ?? [];
    expect(lab.ip("s2", "-6", "addr", "show", "dev", "lo")).toContain(`${bootstrap}::1/64`);
    await expect.poll(() => lab.routes("s1")[`${bootstrap}::/64`], limit).toEqual(both);
    expect(() => lab.ddmadm("t1", "advertise-prefixes", "fd00:5::/64", "nonsense")).toThrow(/nonsense/);
    expect(lab.ddmadm("t1", "get-originated")).toBe("Prefix\n");
  });

  test("prefixes and tunnel origins come and go by ddmadm", async () => {
    lab.ddmadm("s2", "advertise-prefixes", "fd00:20::/64", "fd00:21::/64");
    await expect.poll(() => lab.routes("s1")["fd00:21::/64"], limit).toEqual(both);
    lab.ddmadm("s2", "withdraw-prefixes", "fd00:20::/64", "fd00:21::/64");
    await expect.poll(() => lab.routes("s1")["fd00:21::/64"], limit).toBeUndefined();
    const tunnel = ["-o", "203.0.113.0/24", "-b", "fd00:99::1", "-v", "99", "-m", "5"];
    lab.ddmadm("t1", "tunnel-advertise", ...tunnel);
    await expect
      .poll(() => lab.ddmadm("s1", "tunnel-imported"), limit)
      .toMatch(/^Overlay Prefix +Boundary Address +VNI +Metric\n203\.0\.113\.0\/24 +fd00:99::1 +99 +5\n$/);
    lab.ddmadm("t1", "tunnel-withdraw", ...tunnel);
    await expect.poll(() => JSON.parse(lab.ddmadm("s1", "--json", "tunnel-imported")) as unknown, limit).toEqual([]);
  });

  test("with the carrier of one cable the other takes over at once, and both are used again later", async () => {
    await bothWays();
    lab.ip("t1", "link", "set", "rear1", "down");
    await expect.poll(() => lab.routes("s2")["fd00:1::/64"], limit).toEqual(["net1"]);
    await expect.poll(() => lab.routes("s1")["fd00:2::/64"], limit).toEqual(["net1"]);
    expect(JSON.parse(lab.ddmadm("s1", "-a", "fd00:2::1", "--json", "get-originated"))).toContain("fd00:2::/64");
    lab.ip("t1", "link", "set", "rear1", "up");
    await bothWays();
  });

  test("a daemon that was killed leaves no stale route behind when it is back, and offers its prefixes again", async () => {
    lab.ddmadm("s2", "advertise-prefixes", "fd00:30::/64", "fd00:31::/64");
    await expect.poll(() => lab.routes("s1")["fd00:31::/64"], limit).toEqual(both);
    await expect.poll(() => lab.routes("s1")["fd00:30::/64"], limit).toEqual(both);
    lab.ddmadm("s1", "advertise-prefixes", "fd00:40::/64");
    await lab.stop("s1", "SIGKILL");
    expect(lab.routes("s1")).toHaveProperty(["fd00:30::/64"]);
    lab.ddmadm("s2", "withdraw-prefixes", "fd00:30::/64");
    lab.start("s1", server("s1", "1"));
    await expect.poll(() => lab.routes("s1")["fd00:30::/64"], limit).toBeUndefined();
    await expect.poll(() => lab.routes("s1")["fd00:31::/64"], limit).toEqual(both);
    await expect.poll(() => lab.routes("s2")["fd00:40::/64"], limit).toEqual(both);
  });

  test("routes that somebody else deleted or made in this daemon's name are put right", async () => {
    await bothWays();
    lab.ip("s1", "-6", "route", "del", "fd00:2::/64");
    lab.ip("s1", "-6", "route", "add", "fd00:77::/64", "dev", "net0", "proto", "223");
    await expect.poll(() => lab.routes("s1")["fd00:2::/64"], limit).toEqual(both);
    await expect.poll(() => lab.routes("s1")["fd00:77::/64"], limit).toBeUndefined();
  });

  test("rubbish on the wire is counted and said once", async () => {
    const address = /fe80::\S+(?=\/64)/.exec(lab.ip("t1", "-6", "addr", "show", "dev", "rear0"))?.[0] ?? "";
    lab.run("s1", process.execPath, "--input-type=module", "-e", rubbish, address, "net0");
    const counters = (): Record<string, number> => {
      const interfaces = JSON.parse(lab.ddmadm("t1", "--json", "get-interfaces")) as {
        name: string;
        counters: Record<string, number>;
      }[];
      return interfaces.find(({ name }) => name === "rear0")?.counters ?? {};
    };
    await expect.poll(() => counters()["malformed_discovery"], limit).toBe(20);
    await expect.poll(() => counters()["malformed_bodies"], limit).toBe(4);
    await expect.poll(() => lab.log("t1").match(/discovery message ignored/g), limit).toHaveLength(1);
    await bothWays();
  });

  test("a daemon that is restarted leaves its routes where they are, until it knows better", async () => {
    await bothWays();
    await lab.stop("s1", "SIGTERM");
    expect(lab.routes("s1")["fd00:2::/64"]).toEqual(both);
    const changes = lab.watchRoutes("s1");
    lab.start("s1", server("s1", "1"));
    await expect.poll(() => lab.ddmadm("s1", "get-prefixes"), limit).toMatch(/fd00:2::\/64 .*\n(.*\n)*fd00:2::\/64 /);
    await bothWays();
    expect(changes.end()).not.toMatch(/^Deleted fd00:2::/m);
  });

  test("a switch that is restarted passes on what it forwards only once it knows everything", async () => {
    await bothWays();
    const changes = lab.watchRoutes("s1");
    await lab.stop("t1", "SIGKILL");
    lab.start("t1", transit);
    await expect
      .poll(() => JSON.parse(lab.ddmadm("t1", "--json", "get-prefixes")) as object, limit)
      .toSatisfy((prefixes: object) => Object.keys(prefixes).length === 2);
    await bothWays();
    expect(changes.end()).not.toMatch(/fd00:2::/);
  });

  test("a daemon that a person ends takes its routes along", async () => {
    await lab.stop("s1", "SIGINT");
    expect(lab.routes("s1")).toEqual({});
    expect(lab.ip("s1", "nexthop", "show")).toBe("");
    // Nothing of it was heard for the expire threshold.
    await expect.poll(() => lab.routes("s2")["fd00:1::/64"], limit).toBeUndefined();
  });
});

/** Sends what no router would to the address given, on the interface given. */
const rubbish = `
import { createSocket } from "node:dgram";
import { request } from "node:http";
const [address, zone] = process.argv.slice(1);
const socket = createSocket("udp6");
for (let at = 0; at < 20; at += 1) {
  await new Promise((done) => socket.send(Buffer.alloc(at * 70, 0xee), 3549, address + "%" + zone, done));
}
socket.close();
for (const body of ["", "{", '{"underlay":{"announce":[{"destination":"x","path":[]}],"withdraw":[]}}', "x".repeat(3_000_000)]) {
  await new Promise((done) => {
    const put = request({ host: address + "%" + zone, port: 56797, method: "PUT", path: "/v3/push", headers: { host: "t1" } }, (answer) => {
      answer.resume().on("end", done);
    });
    put.on("error", done);
    put.end(body);
  });
}
`;
