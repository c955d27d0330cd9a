import type { Walk } from "../layer/walk.ts";
import { adjustChecksum } from "../parse/checksum.ts";
import { headroom } from "../parse/frame.ts";
import { ulp } from "../parse/packet.ts";

/** Answer an ICMP or ICMPv6 echo request: the frame with its addresses swapped. False unless its code is 0. */
export function echoReply(walk: Walk): boolean {
  const { frame, packet, reply } = walk;
  if (packet.icmpCode !== 0) return false;
  const isVersion4 = packet.ulp === ulp.icmp;
  reply.load(frame.bytes.subarray(packet.etherAt, packet.frameEnd));
  const shift = headroom - packet.etherAt;
  const { view } = reply;
  swap(view, headroom, 6);
  const ipAt = packet.ipAt + shift;
  if (isVersion4) swap(view, ipAt + 12, 4);
  else swap(view, ipAt + 8, 16);
  const at = packet.ulpAt + shift;
  const before = view.getUint16(at);
  view.setUint8(at, isVersion4 ? 0 : 129);
  adjustChecksum(view, at + 2, before, view.getUint16(at));
  return true;
}

/** Exchange two neighbouring fields of `size` bytes. */
function swap(view: DataView, at: number, size: number): void {
  for (let i = 0; i < size; i++) {
    const first = view.getUint8(at + i);
    view.setUint8(at + i, view.getUint8(at + size + i));
    view.setUint8(at + size + i, first);
  }
}
