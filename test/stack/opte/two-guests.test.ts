import { expect, test } from "vitest";
import { defaultRules, g1, g2, segment, Sled, vni } from "./fixture.ts";

test("a TCP flow between two guests passes all layers once and its transform afterwards", () => {
  const [one, two] = [Sled.standard(g1), Sled.standard(g2)];
  expect(one.out(segment(g1, g1.ip, 44490, g2.ip, 80))).toBe("modified");
  const underlay = one.last();
  expect(underlay.find("ipv6")).toMatchObject({ src: g1.sled, dst: g2.sled, hopLimit: 128 });
  expect(underlay.find("udp")).toMatchObject({ srcPort: 9655, dstPort: 6081, checksum: 0 });
  expect(underlay.find("geneve")).toMatchObject({ vni, options: [{ option: "maximum-segment-size", size: 0 }] });
  expect(underlay.all("ethernet")[1]).toMatchObject({ src: g1.mac, dst: g2.mac });
  expect(two.in(one.lastBytes())).toBe("modified");
  expect(two.sent.at(-1)?.to).toBe("g2");
  expect(two.last().find("ethernet")).toMatchObject({ src: "a8:40:25:ff:77:77", dst: g2.mac });
  expect(two.out(segment(g2, g2.ip, 80, g1.ip, 44490, ["SYN", "ACK"]))).toBe("modified");
  expect(one.in(two.lastBytes())).toBe("modified");
  for (let i = 0; i < 3; i++) {
    expect(one.out(segment(g1, g1.ip, 44490, g2.ip, 80, ["ACK"]))).toBe("modified");
    expect(two.in(one.lastBytes())).toBe("modified");
    expect(two.out(segment(g2, g2.ip, 80, g1.ip, 44490, ["ACK"]))).toBe("modified");
    expect(one.in(two.lastBytes())).toBe("modified");
  }
  for (const { port } of [one.port, two.port]) {
    expect(port.stats.in).toMatchObject({ uft_miss: 1, uft_hit: 3, modified: 4, drop: 0 });
    expect(port.stats.out).toMatchObject({ uft_miss: 1, uft_hit: 3, modified: 4, drop: 0 });
    expect(port.store.uftIn.size + port.store.uftOut.size + port.store.tcp.size).toBe(3);
  }
  expect(defaultRules).toHaveLength(3);
});
