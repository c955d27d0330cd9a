import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Identity, PortIdentity } from "../../src/guest/index.ts";
import { AgentProcess, namespacesWork } from "./agent-process.ts";
import { faultOf } from "./fault-of.ts";

const identity: Identity = {
  hostname: "r1",
  machineId: "0123456789abcdef0123456789abcdef",
  seedBase64: Buffer.alloc(64, 7).toString("base64"),
  clockEpochMs: 1_700_000_000_123,
  ports: [],
  routes: [],
  sysctls: {},
  dataDisk: false,
  ssh: null,
  hosts: {},
  env: {},
};

/** NIC `slot` of the template; it becomes port `name`. */
function port(slot: number, name: string, more: Partial<PortIdentity> = {}): PortIdentity {
  const hex = String(slot).padStart(2, "0");
  return {
    slot,
    templateMac: `52:54:00:00:00:${hex}`,
    name,
    mac: `02:00:00:00:01:${hex}`,
    addresses: [],
    up: true,
    ...more,
  };
}

/** NICs eth0, eth1 … as a template has them; their other ends are outside of what the agent looks at by MAC. */
function nics(count: number): string {
  return Array.from(
    { length: count },
    (_, slot) =>
      `ip link add eth${slot} address 52:54:00:00:00:${String(slot).padStart(2, "0")} type veth peer name far${slot}; ip link set far${slot} up`,
  ).join("\n");
}

interface Link {
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

async function links(agent: AgentProcess): Promise<ReadonlyMap<string, Link>> {
  const { stdout } = await agent.guest.exec(["ip", "-json", "address"]);
  return new Map((JSON.parse(stdout) as Link[]).map((link) => [link.ifname, link]));
}

describe.skipIf(!namespacesWork)("a node takes its identity", () => {
  let agent: AgentProcess;
  beforeAll(async () => {
    agent = await AgentProcess.start({ setUp: nics(4) });
  }, 90_000);
  afterAll(() => agent[Symbol.asyncDispose]());

  const full: Identity = {
    ...identity,
    // Names that the kernel gave to other NICs, one of them to a NIC that is no port; and names of the topology's own.
    ports: [
      port(0, "eth1", { mtu: 9000, addresses: ["10.1.0.1/24", "fd00:1::1/64"] }),
      port(1, "eth0", { addresses: ["10.2.0.1/24"] }),
      port(2, "eth3", { up: false }),
    ],
    routes: [
      { to: "10.9.0.0/16", via: "10.1.0.254", port: "eth1" },
      { to: "::/0", via: "fd00:1::fe", port: "eth1" },
    ],
    sysctls: { "net.ipv4.ip_forward": "1", "net.ipv4.conf.eth1.rp_filter": "2", "net/ipv4/conf/eth0/rp_filter": "1" },
    hosts: { r1: ["10.1.0.1", "fd00:1::1"], h1: ["10.1.0.254"] },
    env: { TOPOLOGY: "routed" },
    ssh: { hostKeyEd25519: "not a key\n", authorizedKey: "ssh-ed25519 AAAA someone" },
  };

  test("twice, with the same outcome", { timeout: 60_000 }, async () => {
    for (let time = 1; time <= 2; time += 1) {
      const facts = await agent.guest.identify(full);
      expect(facts.hostname).toBe("r1");

      const byName = await links(agent);
      expect([...byName.keys()].filter((name) => !name.startsWith("far"))).toEqual(
        expect.arrayContaining(["lo", "eth0", "eth1", "eth3"]),
      );
      // Which NIC it is shows in the MAC; the other ends have the name that the kernel gave to it.
      expect(byName.get("eth1")).toMatchObject({ address: "02:00:00:00:01:00", mtu: 9000 });
      expect(byName.get("eth0")).toMatchObject({ address: "02:00:00:00:01:01", mtu: 1500 });
      expect(byName.get("eth3")).toMatchObject({ address: "02:00:00:00:01:02" });
      expect(byName.get("eth3")?.flags).not.toContain("UP");
      expect(byName.get("eth1")?.flags).toContain("UP");
      expect(byName.get("lo")?.flags).toContain("UP");
      // The NIC that is no port gave its name up.
      expect([...byName.values()].find(({ address }) => address === "52:54:00:00:00:03")?.ifname).toMatch(/^spare\d+$/);
      const given = byName.get("eth1")?.addr_info.filter(({ scope }) => scope === "global");
      expect(given?.map(({ local, prefixlen }) => `${local}/${prefixlen}`)).toEqual(["10.1.0.1/24", "fd00:1::1/64"]);
      // Usable at once: nothing waits for duplicate address detection.
      const tentative = await agent.guest.exec("ip -6 address show dev eth1 tentative");
      expect(tentative.stdout).toBe("");

      const { stdout: routes } = await agent.guest.exec("ip route; ip -6 route");
      expect(routes).toContain("10.9.0.0/16 via 10.1.0.254 dev eth1 proto static");
      expect(routes).toContain("default via fd00:1::fe dev eth1 proto static");

      const said = await agent.guest.exec(
        "hostname; cat /etc/hostname /etc/machine-id; echo $TOPOLOGY; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/eth1/rp_filter /proc/sys/net/ipv4/conf/eth0/rp_filter",
      );
      expect(said.stdout.split("\n")).toEqual(["r1", "r1", full.machineId, "routed", "1", "2", "1", ""]);
      const hosts = (await agent.guest.readFile("/etc/hosts")).toString();
      expect(hosts).toContain("127.0.0.1 localhost\n");
      expect(hosts).toContain("10.1.0.1 r1\nfd00:1::1 r1\n10.1.0.254 h1\n");
      const modes = await agent.guest.exec("cd /run/kestrel && stat -c '%a %n' . *");
      expect(modes.stdout).toBe("700 .\n600 authorized_keys\n600 ssh_host_ed25519_key\n600 sshd_config\n");
    }
    const seed = { do: "entropy", base64: identity.seedBase64 };
    const clock = { do: "clock", epochMs: identity.clockEpochMs };
    expect(agent.machineOperations).toEqual([seed, clock, seed, clock]);
  });

  test("all ports without a NIC are named", async () => {
    const fault = await faultOf(
      agent.guest.identify({ ...identity, ports: [port(7, "net7"), port(0, "eth1"), port(8, "net8")] }),
    );
    expect(fault.message).toContain("net7, net8");
    expect(fault.message).toContain("52:54:00:00:00:07, 52:54:00:00:00:08");
  });

  test("all that the kernel refuses is told, in its own words", async () => {
    const fault = await faultOf(
      agent.guest.identify({
        ...identity,
        ports: [port(0, "eth1", { mtu: 70_000 })],
        routes: [],
      }),
    );
    expect(fault.message).toContain("name port eth1: EINVAL: mtu greater than device maximum");
    const routes = await faultOf(
      agent.guest.identify({
        ...identity,
        ports: [port(0, "eth1")],
        routes: [
          { to: "10.77.0.0/16", via: "192.0.2.1", port: "eth1" },
          { to: "10.9.0.0/16", via: "10.1.0.254", port: "eth1" },
          { to: "fd77::/64", via: "fd00:1::1", port: "eth1" },
        ],
      }),
    );
    expect(routes.kind).toBe("input");
    expect(routes.message).toContain(
      "add the route to 10.77.0.0/16 via 192.0.2.1: ENETUNREACH: Nexthop has invalid gateway",
    );
    expect(routes.message).toContain("add the route to fd77::/64 via fd00:1::1: EINVAL");
    expect(routes.message).not.toContain("10.9.0.0/16");
  });

  test("all kernel parameters that cannot be set are named", async () => {
    const fault = await faultOf(
      agent.guest.identify({
        ...identity,
        sysctls: { "net.ipv4.no_such": "1", "net.ipv4.ip_forward": "x", "net.ipv6.conf.all.forwarding": "1" },
      }),
    );
    expect(fault.message).toContain("net.ipv4.no_such = 1: this kernel has no parameter of that name");
    expect(fault.message).toContain("net.ipv4.ip_forward = x: EINVAL");
    expect(fault.message).not.toContain("forwarding");
  });
});
