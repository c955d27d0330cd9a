import { expect, test } from "vitest";
import { testbed } from "../../src/index.ts";
import { hasTmux, kestrel, Terminal } from "../tui/terminal.ts";

const vni = 1_287_581;
const sleds = { s1: "fd00:1122:3344:101::1", s2: "fd00:1122:3344:102::1" } as const;
type Sled = keyof typeof sleds;

/** A light instance: a network namespace of its sled. */
interface Instance {
  readonly name: string;
  readonly sled: Sled;
  readonly port: string;
  readonly vni: number;
  readonly mac: string;
  readonly ip: string;
  readonly ip6: string;
}

const a: Instance = {
  ...{ name: "a", sled: "s1", port: "opte0", vni },
  ...{ mac: "a8:40:25:fa:fa:37", ip: "172.30.0.5", ip6: "fd00::5" },
};
const b: Instance = { ...a, name: "b", sled: "s2", mac: "a8:40:25:f0:00:66", ip: "172.30.0.6", ip6: "fd00::6" };
/** Of another VPC, with the addresses of a and b. */
const c: Instance = { ...a, name: "c", port: "opte1", vni: 2000, mac: "a8:40:25:f0:01:05" };
const d: Instance = { ...b, name: "d", port: "opte1", vni: 2000, mac: "a8:40:25:f0:01:06" };
const instances = [a, b, c, d];

/** What a sled is told, as `opteadm apply` takes it. */
function stateOf(sled: Sled): object {
  return {
    underlay: ["net0", "net0"],
    ports: instances
      .filter((instance) => instance.sled === sled)
      .map((instance) => ({
        name: instance.port,
        attachment: { kind: "veth", namespace: instance.name },
        configuration: {
          guestMac: instance.mac,
          gatewayMac: "a8:40:25:ff:77:77",
          vni: instance.vni,
          underlayIp: sleds[sled],
          ipv4: { subnet: "172.30.0.0/22", privateIp: instance.ip, gatewayIp: "172.30.0.1" },
          ipv6: { subnet: "fd00::/64", privateIp: instance.ip6, gatewayIp: "fd00::1" },
          dhcp: { hostname: instance.name },
        },
        routes: [
          { destination: "172.30.0.0/22", target: "sub4=172.30.0.0/22", class: "system" },
          { destination: "fd00::/64", target: "sub6=fd00::/64", class: "system" },
        ],
        firewall: [`dir=in action=allow priority=65534 hosts=vni=${instance.vni}`],
      })),
    v2p: instances.flatMap(({ vni: network, ip, ip6, mac, sled: home }) =>
      [ip, ip6].map((address) => ({ vni: network, ip: address, mac, underlay: sleds[home] })),
    ),
  };
}

/** What udhcpc runs. */
const dhcpScript = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add $ip/$mask dev $interface
set -- $staticroutes
while [ $# -ge 2 ]; do
  if [ $2 = 0.0.0.0 ]; then ip route add $1 dev $interface; else ip route add $1 via $2 dev $interface; fi
  shift 2
done
`;

test(
  "instances of two VPCs with the same addresses talk across the rack, each within its own",
  { timeout: 600_000 },
  async () => {
    await using bed = await testbed("trio", { fresh: true });
    const inside = ({ name }: Instance, command: string): string => `ip netns exec ${name} ${command}`;
    for (const sled of ["s1", "s2"] as const) {
      const node = bed.node(sled);
      const own = instances.filter((instance) => instance.sled === sled);
      await node.ask(own.map(({ name }) => `ip netns add ${name} && ip -n ${name} link set lo up`).join(" && "));
      const applied = await node.exec("opteadm --json apply -", { stdin: JSON.stringify(stateOf(sled)) });
      const log = async (): Promise<string> => (await node.exec("tail -n 40 /var/log/kestrel/opted.log")).stdout;
      expect(applied, `${applied.stderr}${applied.exitCode === 0 ? "" : await log()}`).toMatchObject({ exitCode: 0 });
      await node.exec("cat >/run/dhcp && chmod 755 /run/dhcp", { stdin: dhcpScript });
      for (const instance of own) {
        await node.ask(inside(instance, `ip link set ${instance.port} up`));
        await node.ask(inside(instance, `busybox udhcpc -i ${instance.port} -n -q -f -t 10 -s /run/dhcp`));
        expect(await node.ask(inside(instance, "ip -4 -brief address show dev " + instance.port))).toContain(
          `${instance.ip}/32`,
        );
        await node.until(inside(instance, "ip -6 route show default | grep -q 'via fe80::aa40:25ff:feff:7777'"));
        // DHCPv6 clients are not in the image.
        await node.ask(inside(instance, `ip address add ${instance.ip6}/128 dev ${instance.port} nodad`));
      }
    }
    const run = (instance: Instance, command: string) => bed.node(instance.sled).exec(inside(instance, command));
    const asked = (instance: Instance, command: string): Promise<string> =>
      bed.node(instance.sled).ask(inside(instance, command));

    // On every wire a guest's packet is in a tunnel of its VPC.
    await asked(a, `ping -c 2 -W 10 ${b.ip}`);
    const tunnel = { ipv6: { src: sleds.s1, dst: sleds.s2 }, udp: { dstPort: 6081, checksum: 0 }, geneve: { vni } };
    await expect(bed.port("s2:net0")).toCarry(tunnel, { within: 20_000 });
    await asked(a, `ping -6 -c 2 -W 10 ${b.ip6}`);
    await asked(c, `ping -c 2 -W 10 ${d.ip}`);

    // The peers of one VPC are not those of the other, whatever their addresses.
    for (const [from, to, name] of [
      [a, b, "b"],
      [c, d, "d"],
    ] as const) {
      const server = bed.node(to.sled).exec(inside(to, `socat -u SYSTEM:'echo ${name}' TCP4-LISTEN:7000`));
      await bed.node(to.sled).until(inside(to, "grep -q ':1B58 00000000:0000 0A' /proc/net/tcp"));
      expect((await asked(from, `socat -u TCP4:${to.ip}:7000 -`)).trim()).toBe(name);
      expect(await server).toMatchObject({ exitCode: 0 });
    }

    // A large transfer over TCP, its digest the same at both ends.
    const size = 2 * 1024 * 1024;
    const receiver = bed.node("s2").exec(inside(b, "sh -c 'socat -u TCP4-LISTEN:7001 - | sha256sum'"));
    await bed.node("s2").until(inside(b, "grep -q ':1B59 00000000:0000 0A' /proc/net/tcp"));
    await bed.node("s1").ask(`head -c ${size} /dev/urandom >/run/sent`);
    await asked(a, `socat -u OPEN:/run/sent TCP4:${b.ip}:7001`);
    expect((await receiver).stdout.split(" ")[0]).toBe((await bed.node("s1").ask("sha256sum /run/sent")).split(" ")[0]);

    // Spoofing, no route, and a rule that denies: nothing leaves, and the counters say where it died.
    const denied = async (layer: string): Promise<number> => {
      const counted = JSON.parse(await bed.node("s1").ask("opteadm --json stats -p opte0")) as {
        readonly layers: Readonly<Record<string, Readonly<Record<string, number>>>>;
      };
      return counted.layers[layer]?.["out_deny"] ?? 0;
    };
    const before = {
      gateway: await denied("gateway"),
      router: await denied("router"),
      firewall: await denied("firewall"),
    };
    await asked(a, "ip address add 172.30.0.99/32 dev opte0");
    expect(await run(a, `ping -c 1 -W 2 -I 172.30.0.99 ${b.ip}`)).toMatchObject({ exitCode: 1 });
    expect(await run(a, "ping -c 1 -W 2 198.51.100.1")).toMatchObject({ exitCode: 1 });
    await bed
      .node("s1")
      .ask("opteadm add-fw-rule -p opte0 --dir out --hosts any --protocol icmp --ports any --action deny --priority 1");
    expect(await run(a, `ping -c 1 -W 2 ${b.ip}`)).toMatchObject({ exitCode: 1 });
    // Guests' kernels send of their own accord too, and some of it dies in the same place.
    expect(await denied("gateway")).toBeGreaterThan(before.gateway);
    expect(await denied("router")).toBeGreaterThan(before.router);
    expect(await denied("firewall")).toBeGreaterThan(before.firewall);

    // The user interface says the same of the sled, by layer and rule.
    if (!hasTmux) return;
    const terminal = await Terminal.run(`${kestrel} tui ${bed.name}`, { columns: 120, rows: 60 });
    await terminal.sees(`${bed.name} ● ready`);
    await terminal.keys(":", "node s1", "Enter");
    await terminal.sees(/● opte0 running +172\.30\.0\.5 fd00::5/);
    await terminal.sees(/^ +out +\S+ hits, \S+ misses, \S+ dropped/m);
    await terminal.sees(/▲ \d+ firewall rule \d+: /);
    await terminal.sees(/▲ \d+ gateway/);
    await terminal.sees(/▲ \d+ router/);
    await terminal.keys("q");
    await terminal.isSane();
  },
);
