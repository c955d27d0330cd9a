import { parseRouterTarget } from "../engine/layer/router-target.ts";
import { Opte } from "../engine/host/opte.ts";
import { Frame } from "../engine/parse/frame.ts";
import { IpAddress, IpPrefix, MacAddress } from "../engine/parse/address.ts";
import { parseFirewallRule } from "../engine/vpc/firewall-text.ts";
import type { VpcPort } from "../engine/vpc/vpc-port.ts";

const rounds = 2000;
const vni = 100;

/** Two guests of no consequence, each on a sled. */
const guests = [
  { ip: "10.0.0.5", mac: "a8:40:25:f0:00:01", sled: "fd00:ffff::1" },
  { ip: "10.0.0.6", mac: "a8:40:25:f0:00:02", sled: "fd00:ffff::2" },
] as const;

/** Take packets from one engine to another, so that the code is compiled that real ones will meet. */
export function warmUp(): void {
  const [one, two] = [engine(0), engine(1)];
  const frame = new Frame(2048);
  const syn = tcpSyn();
  for (let round = 0; round < rounds; round++) {
    // Every fourth a flow of its own, the others by what is cached.
    syn[35] = round % 4 === 0 ? (round >> 2) & 0xff : 0;
    frame.take(syn, 0, syn.length);
    one.opte.fromGuest(one.port, frame, round);
    two.opte.fromUnderlay(frame, round);
  }
}

function engine(own: 0 | 1): { readonly opte: Opte; readonly port: VpcPort } {
  const opte = new Opte({ seed: 1, outlet: { underlay: () => undefined, guest: () => undefined } });
  const { ip, mac, sled } = guests[own];
  const port = opte.createPort("warm", {
    guestMac: mac,
    gatewayMac: "a8:40:25:ff:77:77",
    vni,
    underlayIp: sled,
    ipv4: { subnet: "10.0.0.0/24", privateIp: ip, gatewayIp: "10.0.0.1" },
  });
  const target = parseRouterTarget("sub4=10.0.0.0/24");
  port.addRouterEntry({ destination: IpPrefix.parse("10.0.0.0/24"), target, class: "system" });
  port.setFirewallRules([parseFirewallRule("dir=in action=allow priority=10")]);
  for (const each of guests) {
    opte.setV2p(vni, IpAddress.parse(each.ip), MacAddress.parse(each.mac), IpAddress.parse(each.sled));
  }
  port.port.start();
  return { opte, port };
}

/** 10.0.0.5:4096 to 10.0.0.6:80. */
function tcpSyn(): Uint8Array {
  const bytes = new Uint8Array(54);
  bytes.set([0xa8, 0x40, 0x25, 0xff, 0x77, 0x77, 0xa8, 0x40, 0x25, 0xf0, 0, 1, 8, 0, 0x45, 0, 0, 40]);
  bytes.set([64, 6, 0, 0, 10, 0, 0, 5, 10, 0, 0, 6, 0x10, 0, 0, 80], 22);
  bytes.set([0x50, 2], 46);
  return bytes;
}
