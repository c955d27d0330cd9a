import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { build, payload, tcp } from "../../../src/packet/index.ts";
import { parseInner } from "../../../src/stack/opte/engine/parse/parse-inner.ts";
import { g1, g2, guestFrame, Sled } from "./fixture.ts";

test("a known flow's packets allocate nothing", { timeout: 60_000 }, () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { frame, port: vpcPort, now } = Sled.standard(g1);
  const { port } = vpcPort;
  const segment = tcp({ srcPort: 1, dstPort: 2, flags: ["ACK"] });
  const bytes = build(guestFrame(g1, g1.ip, g2.ip, segment, payload(new Uint8Array(200))));
  const send = (count: number): void => {
    for (let i = 0; i < count; i++) {
      frame.load(bytes);
      parseInner(frame, frame.start, frame.end, true, port.walk.packet);
      port.process("out", frame, now + i);
    }
  };
  const count = 100_000;
  send(count);
  let least = Infinity;
  // What else runs in this process may allocate; the engine would do so in every round.
  for (let round = 0; round < 5; round++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    send(count);
    least = Math.min(least, process.memoryUsage().heapUsed - before);
  }
  expect(port.stats.out).toMatchObject({ uft_miss: 1, uft_hit: 6 * count - 1 });
  // Not a byte each.
  expect(least).toBeLessThan(count);
});
