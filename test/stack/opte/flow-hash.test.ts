import { expect, test } from "vitest";
import { build } from "../../../src/packet/index.ts";
import { flowHash } from "../../../src/stack/opte/engine/parse/flow-hash.ts";
import { flowText, mirrorKey } from "../../../src/stack/opte/engine/parse/flow-key.ts";
import { Frame } from "../../../src/stack/opte/engine/parse/frame.ts";
import { Packet } from "../../../src/stack/opte/engine/parse/packet.ts";
import { parseInner } from "../../../src/stack/opte/engine/parse/parse-inner.ts";
import { icmp } from "../../../src/packet/index.ts";
import { g1, guestFrame, segment } from "./fixture.ts";

function keyOf(frame: Uint8Array): Int32Array {
  const buffer = new Frame(2000);
  buffer.load(frame);
  const packet = new Packet();
  expect(parseInner(buffer, buffer.start, buffer.end, true, packet)).toBe(true);
  return packet.key;
}

test.for([
  ["172.30.0.5", 44490, "172.30.0.6", 80, 0x8fe725b7],
  ["10.77.77.13", 4096, "52.10.128.69", 80, 0x09bd0594],
  ["2001:db8::1", 8192, "2606:2800:220:1:248:1893:25c8:1946", 80, 0x82625799],
] as const)("CRC-32 of the TCP flow %s:%i to %s:%i", ([src, srcPort, dst, dstPort, crc]) => {
  expect(flowHash(keyOf(build(segment(g1, src, srcPort, dst, dstPort))))).toBe(crc);
});

test("flows are printed and mirrored as the specification says", () => {
  const key = keyOf(build(segment(g1, g1.ip, 44490, "52.10.128.69", 80)));
  const mirrored = new Int32Array(10);
  expect(flowText(key)).toBe("TCP:172.30.0.5:44490:52.10.128.69:80");
  mirrorKey(key, mirrored);
  expect(flowText(mirrored)).toBe("TCP:52.10.128.69:80:172.30.0.5:44490");
  const ping = keyOf(
    build(guestFrame(g1, g1.ip, "1.1.1.1", icmp({ message: "echo-request", identifier: 7, sequence: 1 }))),
  );
  mirrorKey(ping, mirrored);
  expect(flowText(ping)).toBe("ICMP/8/0:172.30.0.5:1.1.1.1:7");
  expect(flowText(mirrored)).toBe("ICMP/0/0:1.1.1.1:172.30.0.5:7");
});
