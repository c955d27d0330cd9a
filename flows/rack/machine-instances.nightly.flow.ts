import { expect, test } from "vitest";
import { planTopology, testbed } from "../../src/index.ts";
import {
  findInstance,
  instanceCommand,
  machineOfInstance,
  NexusClient,
  settledInstance,
  sledIdOf,
} from "../../src/rack/index.ts";

/** An instance that is a machine and one that is not, in one VPC. */
const plan = planTopology({
  name: "machine-instances",
  nodes: {
    s1: { kind: "sled", ports: { net0: {} } },
    s2: { kind: "sled", ports: { net0: {} } },
    t1: { kind: "switch", ports: { rear0: {}, rear1: {} } },
  },
  wires: [
    ["s1:net0", "t1:rear0"],
    ["s2:net0", "t1:rear1"],
  ],
  stack: { projects: { shop: { instances: { web: { kind: "vm" }, db: {} } } } },
});

const within = 120_000;

/** Connections to db are accepted, and none to web: what comes to web belongs to a connection of its own. */
const rules = [
  {
    ...{ name: "to-db", description: "", status: "enabled", direction: "inbound", action: "allow", priority: 100 },
    targets: [{ type: "instance", value: "db" }],
    filters: {},
  },
];

test(
  "an instance that is a machine gets one of the pool, takes its open connection along to another sled, and begins anew after a stop",
  { timeout: 900_000 },
  async () => {
    await using bed = await testbed(plan, { fresh: true });
    const nexus = await NexusClient.of(bed.testbed);
    const [web, db] = [await findInstance(nexus, "web"), await findInstance(nexus, "db")];
    expect([web.state, db.state]).toEqual(["running", "running"]);
    const [ip = "", ip6 = ""] = web.addresses;
    const [dbIp = ""] = db.addresses;
    const home = web.sled ?? "";
    const away = home === "s1" ? "s2" : "s1";
    const state = () => settledInstance(nexus, web.id, within);
    const machine = bed.node("machine0");
    const dbSled = bed.node(db.sled ?? "");
    const inDb = (command: string): readonly string[] => instanceCommand(db.id, command);

    expect(await machineOfInstance(bed.testbed, home, web.id)).toBe("machine0");
    expect(await machine.ask("hostname")).toBe("web");
    for (const address of [
      `4 -brief address show dev net0 | grep -q ' ${ip}/'`,
      `6 -brief address show dev net0 | grep -q ' ${ip6}/'`,
    ])
      await machine.until(`ip -${address}`, { within });
    await nexus.send("PUT", "/v1/vpc-firewall-rules", { project: "shop", vpc: "default" }, { rules });

    // db speaks into a connection that web has opened: before the move, and first of the two after it.
    const server = dbSled.exec(inDb(": >/run/say; tail -f /run/say | socat -u STDIN TCP4-LISTEN:7000"));
    await dbSled.until(inDb("grep -q ':1B58 00000000:0000 0A' /proc/net/tcp"), { within });
    const client = machine.exec(`socat -u TCP4:${dbIp}:7000 OPEN:/run/heard,creat,append`);
    await dbSled.ask(inDb("echo before >>/run/say"));
    await machine.until("grep -q before /run/heard", { within });
    const port = await machine.ask("ss -Htn state established dport = :7000 | awk '{print $3}'");

    await nexus.send("POST", `/v1/instances/${web.id}/move`, {}, { sled: await sledIdOf(nexus, away) });
    expect(await state()).toBe("running");
    expect((await findInstance(nexus, "web")).sled).toBe(away);
    expect(await machineOfInstance(bed.testbed, away, web.id)).toBe("machine0");
    await dbSled.ask(inDb("echo after >>/run/say"));
    await machine.until("grep -q after /run/heard", { within });
    expect(await machine.ask("ss -Htn state established dport = :7000 | awk '{print $3}'")).toBe(port);
    await expect(bed.port(`${away}:machine0`)).toCarry({ tcp: { srcPort: 7000 } }, { within: 20_000 });
    // What is no part of it is denied there as before.
    expect((await dbSled.exec(inDb(`ping -c 1 -W 2 ${ip}`))).exitCode).toBe(1);
    // It ends in order.
    await dbSled.ask(inDb("pkill -x tail"));
    expect(await client).toMatchObject({ exitCode: 0 });
    await server;

    // A stop gives the machine back, and a start gets one that nobody has used.
    await nexus.send("POST", `/v1/instances/${web.id}/stop`, {});
    expect(await state()).toBe("stopped");
    expect(await machine.ask("hostname")).toBe("machine0");
    await nexus.send("POST", `/v1/instances/${web.id}/start`, {});
    expect(await state()).toBe("running");
    expect(await machine.ask("hostname; test ! -e /run/heard")).toBe("web");
    await machine.until(`ip -4 -brief address show dev net0 | grep -q ' ${ip}/'`, { within });
    await machine.ask(`ping -c 1 -W 20 ${dbIp}`);
  },
);
