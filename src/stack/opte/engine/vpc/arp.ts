import type { Walk } from "../layer/walk.ts";
import type { IpAddress, MacAddress } from "../parse/address.ts";
import { MacAddress as Mac } from "../parse/address.ts";
import { etherTypes } from "../parse/packet.ts";
import { beginReply, etherSize, writeEther } from "./reply.ts";

const arpSize = 28;

/**
 * Answer an ARP request for the gateway (RFC 826). False for any other target, gratuitous requests, probes and replies:
 * a guest never learns another neighbour.
 */
export function arpReply(walk: Walk, gatewayMac: MacAddress, gatewayIp: IpAddress): boolean {
  const { view } = walk.frame;
  const at = walk.packet.ipAt;
  // Ethernet, IPv4, lengths 6 and 4, request.
  const isRequest =
    view.getUint16(at) === 1 &&
    view.getUint16(at + 2) === etherTypes.ipv4 &&
    view.getUint16(at + 4) === 0x0604 &&
    view.getUint16(at + 6) === 1;
  const asker = view.getInt32(at + 14);
  const gateway = gatewayIp.words[0];
  if (!isRequest || view.getInt32(at + 24) !== gateway || asker === 0 || asker === gateway) return false;
  const guest = Mac.read(view, at + 8);
  const start = beginReply(walk, etherSize + arpSize);
  const { view: out } = walk.reply;
  writeEther(out, start, guest, gatewayMac, etherTypes.arp);
  const body = start + etherSize;
  out.setUint16(body, 1);
  out.setUint16(body + 2, etherTypes.ipv4);
  out.setUint16(body + 4, 0x0604);
  out.setUint16(body + 6, 2);
  gatewayMac.write(out, body + 8);
  gatewayIp.write(out, body + 14);
  guest.write(out, body + 18);
  out.setInt32(body + 24, asker);
  return true;
}
