import { describe, expect, test } from "vitest";
import { dns, type Dns, dnsCodec, type DnsType } from "../../../src/packet/index.ts";
import { answerGuest } from "../../../src/stack/directory/answer-guest.ts";
import { answerOf } from "../../../src/stack/directory/engine/answer.ts";
import { Directory } from "../../../src/stack/directory/engine/directory.ts";
import type { GuestVpc } from "../../../src/stack/directory/engine/guest-view.ts";
import { reverseName } from "../../../src/stack/directory/engine/names.ts";

const hosts = (addresses: readonly string[]) => [{ name: "db", subnet: "back", addresses: [...addresses] }];
const directory = new Directory({
  vpcs: [
    { vni: 100, hosts: hosts(["172.30.0.5", "fd00::5"]) },
    // The same name and the same address in another VPC.
    { vni: 200, hosts: [...hosts(["172.30.0.5"]), { name: "db", subnet: "front", addresses: ["172.30.4.5"] }] },
  ],
  services: [{ name: "dns", protocol: "udp", instances: [{ host: "dns0", address: "fd00:1122:3344:1::1", port: 53 }] }],
});
const vpc: GuestVpc = { vni: 100, domain: "default.p.internal" };

function query(name: string, type: DnsType = "A", more: Partial<Dns> = {}): Dns {
  return dns({ id: 7, questions: [{ name, type, class: "IN" }], ...more });
}

/** As a guest is answered; what the servers say is the directory's. */
function asGuest(name: string, type: DnsType = "A", more: Partial<Dns> = {}): Promise<Dns> {
  return answerGuest(query(name, type, more), vpc, (question) => {
    const { rcode, records } = directory.lookup(question.name, String(question.type));
    return Promise.resolve({ rcode, records, ttl: 5 });
  });
}

describe("a name server", () => {
  test("knows a host by its name, and by its name within its subnet", () => {
    for (const name of ["db.100.vpc.internal", "db.back.100.vpc.internal", "DB.100.VPC.internal"]) {
      expect(answerOf(directory, query(name)).answers).toEqual([
        { name, class: "IN", ttl: 5, type: "A", address: "172.30.0.5" },
      ]);
      expect(answerOf(directory, query(name, "AAAA")).answers).toMatchObject([{ address: "fd00::5" }]);
    }
    expect(answerOf(directory, query("db.200.vpc.internal")).answers).toHaveLength(2);
    expect(answerOf(directory, query("db.front.200.vpc.internal")).answers).toMatchObject([{ address: "172.30.4.5" }]);
  });

  test("tells what is not there from what is there with other records, and for how long", () => {
    const absent = answerOf(directory, query("web.100.vpc.internal"));
    expect(absent).toMatchObject({ rcode: "name-error", answers: [], authorities: [{ type: "SOA", minimum: 1 }] });
    for (const [name, type] of [
      ["db.100.vpc.internal", "TXT"],
      ["100.vpc.internal", "A"],
      ["back.100.vpc.internal", "A"],
    ] as const) {
      expect(answerOf(directory, query(name, type))).toMatchObject({ rcode: "no-error", answers: [] });
    }
  });

  test("knows where services are", () => {
    expect(answerOf(directory, query("_dns._udp.services.internal", "SRV")).answers).toMatchObject([
      { port: 53, target: "dns0.services.internal" },
    ]);
    expect(answerOf(directory, query("dns0.services.internal", "AAAA")).answers).toMatchObject([
      { address: "fd00:1122:3344:1::1" },
    ]);
  });

  test("refuses what is no question of its zone", () => {
    const code = (asked: Dns) => answerOf(directory, asked).rcode;
    expect(code(query("example.com"))).toBe("refused");
    expect(code(query("db.100.vpc.internal", "A", { opcode: "update" }))).toBe("not-implemented");
    expect(code(dns({ id: 1 }))).toBe("format-error");
    expect(code(dns({ id: 1, questions: [{ name: "internal", type: "A", class: "CH" }] }))).toBe("refused");
  });
});

describe("a guest", () => {
  test("asks under the name of its own VPC, whose records come back under that", async () => {
    for (const name of ["db.default.p.internal", "Db.Back.Default.p.internal"]) {
      const answer = await asGuest(name);
      expect(answer).toMatchObject({ id: 7, response: true, rcode: "no-error", recursionAvailable: true });
      expect(answer.answers).toMatchObject([{ name, type: "A", address: "172.30.0.5" }]);
      expect(dnsCodec.decode(dnsCodec.encode(answer))).toMatchObject({ layer: answer });
    }
  });

  test("learns whose a private address of its VPC is", async () => {
    for (const address of ["172.30.0.5", "fd00::5"]) {
      expect((await asGuest(reverseName(address), "PTR")).answers).toMatchObject([
        { name: reverseName(address), target: "db.default.p.internal" },
      ]);
    }
    // Of the other VPC alone.
    expect((await asGuest(reverseName("172.30.4.5"), "PTR")).rcode).toBe("name-error");
  });

  test("hears nothing of other VPCs, of services, and of the outside that its next server is asked for", async () => {
    for (const name of ["db.other.p.internal", "db.200.vpc.internal", "dns0.services.internal", "internal"]) {
      expect(await asGuest(name)).toMatchObject({ rcode: "name-error", answers: [] });
    }
    for (const name of ["example.com", "xdefault.p.internal.example", reverseName("198.51.100.1")]) {
      expect(await asGuest(name)).toMatchObject({ rcode: "refused", answers: [] });
    }
  });

  test("gets no more than it takes, and is told that there is more", async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({
      ...{ name: "x", class: "IN", ttl: 5, type: "A", address: `10.0.0.${i}` },
    })) as never;
    const asked = query("db.default.p.internal");
    const answer = await answerGuest(asked, vpc, () => Promise.resolve({ rcode: "no-error", records: many, ttl: 5 }));
    expect(answer.truncated).toBe(true);
    expect(answer.answers.length).toBeGreaterThan(10);
    expect(dnsCodec.encode(answer).length).toBeLessThanOrEqual(512);
  });
});
