import { expect, test } from "vitest";
import { planTopology, testbed } from "../../src/index.ts";

const vni = 1_287_581;
const sleds = { s1: "fd00:1122:3344:101::1", s2: "fd00:1122:3344:102::1" } as const;
type Sled = keyof typeof sleds;

/** Machines that are instances, each wired to a spare port of a sled. */
const a = { name: "a", sled: "s1", ip: "172.30.0.5", ip6: "fd00::5" } as const;
const b = { name: "b", sled: "s2", ip: "172.30.0.6", ip6: "fd00::6" } as const;
const instances = [a, b];

const machine = {
  image: "instance",
  ports: { net0: {} },
  commands: ["setsid instance-network >/var/log/networkd 2>&1 &"],
};

const plan = planTopology({
  name: "machines",
  nodes: {
    s1: { kind: "sled", ports: { net0: {}, guest0: { mtu: 1500 } } },
    s2: { kind: "sled", ports: { net0: {}, guest0: { mtu: 1500 } } },
    t1: { kind: "switch", ports: { rear0: {}, rear1: {} } },
    a: machine,
    b: machine,
  },
  wires: [
    ["s1:net0", "t1:rear0"],
    ["s2:net0", "t1:rear1"],
    ["a:net0", "s1:guest0"],
    ["b:net0", "s2:guest0"],
  ],
});

const macOf = (node: string): string => plan.nodes.find(({ name }) => name === node)?.ports[0]?.mac ?? "";

/** What a sled is told, as `opteadm apply` takes it. */
function stateOf(sled: Sled): object {
  return {
    underlay: ["net0", "net0"],
    ports: instances
      .filter((instance) => instance.sled === sled)
      .map(({ name, ip, ip6 }) => ({
        name: "opte0",
        attachment: { kind: "link", link: "guest0" },
        configuration: {
          guestMac: macOf(name),
          gatewayMac: "a8:40:25:ff:77:77",
          vni,
          underlayIp: sleds[sled],
          ipv4: { subnet: "172.30.0.0/22", privateIp: ip, gatewayIp: "172.30.0.1" },
          ipv6: { subnet: "fd00::/64", privateIp: ip6, gatewayIp: "fd00::1" },
          dhcp: { hostname: name, dns4: ["172.30.0.1"] },
        },
        routes: [
          { destination: "172.30.0.0/22", target: "sub4=172.30.0.0/22", class: "system" },
          { destination: "fd00::/64", target: "sub6=fd00::/64", class: "system" },
        ],
        firewall: [`dir=in action=allow priority=65534 hosts=vni=${vni}`],
      })),
    v2p: instances.flatMap(({ name, ip, ip6, sled: home }) =>
      [ip, ip6].map((address) => ({ vni, ip: address, mac: macOf(name), underlay: sleds[home] })),
    ),
  };
}

test(
  "machines with systemd-networkd on sleds' spare ports have their addresses of OPTE and reach each other",
  { timeout: 600_000 },
  async () => {
    await using bed = await testbed(plan, { fresh: true });
    for (const sled of ["s1", "s2"] as const) {
      const applied = await bed.node(sled).exec("opteadm --json apply -", { stdin: JSON.stringify(stateOf(sled)) });
      expect(applied, applied.stderr).toMatchObject({ exitCode: 0 });
    }
    // DHCPv4, DHCPv6 and the router that advertises itself, all as networkd has them.
    for (const { name, ip, ip6 } of instances) {
      const node = bed.node(name);
      await node.until(`ip -4 -brief address show dev net0 | grep -q ' ${ip}/'`, { within: 120_000 });
      await node.until(`ip -6 -brief address show dev net0 | grep -q ' ${ip6}/'`, { within: 120_000 });
      expect(await node.ask("ip -6 route show default")).toContain("via fe80::aa40:25ff:feff:7777 dev net0 proto ra");
      expect(await node.ask("ip -4 route show default")).toContain("via 172.30.0.1 dev net0 proto dhcp");
    }
    for (const family of ["ip", "ip6"] as const)
      expect(await bed.node("a").ask(`ping -c 2 -W 20 ${b[family]}`)).toContain(" 0% packet loss");
    const tunnel = { ipv6: { src: sleds.s1, dst: sleds.s2 }, udp: { dstPort: 6081, checksum: 0 }, geneve: { vni } };
    await expect(bed.port("s2:net0")).toCarry(tunnel, { within: 20_000 });

    // A transfer over TCP in frames with whole checksums, its digest the same at both ends.
    const receiver = bed.node("b").exec("socat -u TCP4-LISTEN:7001 - | sha256sum");
    await bed.node("b").until("grep -q ':1B59 00000000:0000 0A' /proc/net/tcp");
    await bed.node("a").ask("head -c 1048576 /dev/urandom >/run/sent && socat -u OPEN:/run/sent TCP4:172.30.0.6:7001");
    expect((await receiver).stdout.split(" ")[0]).toBe((await bed.node("a").ask("sha256sum /run/sent")).split(" ")[0]);
  },
);
