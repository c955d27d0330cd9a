import { afterAll, beforeAll, expect, test } from "vitest";
import "../../../src/flow/matchers.ts";
import { hopsToJson } from "../../../src/flow/trace-json.ts";
import { build, ethernet, icmpv6, ipv6, packet, payload } from "../../../src/packet/index.ts";
import { datagram, RoutedBed } from "../routed-bed.ts";

let routed: RoutedBed;

beforeAll(async () => {
  routed = await RoutedBed.open();
});
afterAll(() => routed[Symbol.asyncDispose]());

/** The router, which sends a datagram on as soon as it gets it. */
function forward(text: string): void {
  const router = routed.machines.get("r1:net0");
  const look = (): void => {
    if (router?.frames.at(-1)?.includes(text) !== true) return;
    router.socket.off("frames", look);
    routed.send("r1:net1", datagram({ hopLimit: 63, onSecondWire: true, text }));
  };
  router?.socket.on("frames", look);
}

test("a packet is followed until it arrives, whatever else is on the wires", async () => {
  const { bed } = routed;
  forward("mine");
  const following = bed
    .port("h1:net0")
    .trace(datagram({ text: "mine" }), { to: "h2", within: 50_000, quietFor: 50_000 });
  routed.send("h1:net0", datagram({ text: "other" }));
  const startedAt = performance.now();
  const trace = await following;
  expect(performance.now() - startedAt).toBeLessThan(40_000);
  expect(trace).toTraverse(
    [
      { leaves: "h1:net0", enters: "r1:net0", ipv6: { hopLimit: 64 } },
      { leaves: "r1:net1", enters: "h2", ipv6: { hopLimit: 63 } },
    ],
    { exactly: true },
  );
  expect(hopsToJson(trace.hops)).toMatchObject([
    { wire: "h1:net0--r1:net0", tap: null, elapsedMs: 0, fate: "delivered", changes: [] },
    {
      from: "r1:net1",
      to: "h2:net0",
      changes: expect.arrayContaining([{ layer: "ipv6", field: "hopLimit", before: 64, after: 63 }]) as unknown,
      layers: expect.arrayContaining([{ layer: "payload", data: Buffer.from("mine").toString("hex") }]) as unknown,
    },
  ]);
});

test("who refuses it is heard", async () => {
  const { bed } = routed;
  const sent = datagram({ text: "refused", hopLimit: 1 });
  const [, ...quoted] = sent.layers;
  const refusal = packet(
    ethernet({ src: bed.port("r1:net0").mac, dst: bed.port("h1:net0").mac }),
    ipv6({ src: "fd00:1::fe", dst: "fd00:1::1" }),
    icmpv6({ message: "time-exceeded", code: 0 }),
    payload(build(packet(...quoted))),
  );
  const router = routed.machines.get("r1:net0");
  const before = router?.frames.length ?? 0;
  const following = bed.port("h1:net0").trace(sent, { to: "h2" });
  await router?.received(before + 1);
  routed.send("r1:net0", refusal);
  const trace = await following;
  expect(trace.answers.map(({ from }) => from)).toEqual(["r1:net0"]);
  expect(() => {
    expect(trace).toTraverse(["h2"]);
  }).toThrow(/^hop 1 \(h2\) is missing[^]*r1:net0 answered {2}IPv6 .* ICMPv6 time exceeded code 0/);
});

test("a place that is not there is refused", async () => {
  const { bed } = routed;
  const lost = bed.port("h1:net0").trace(datagram({ text: "nowhere" }), { to: "h3" });
  await expect(lost).rejects.toThrow(/no such node in topology routed/);
});

test("one that is not sent on has the hops that it made", async () => {
  const { bed } = routed;
  const trace = await bed.port("h1:net0").trace(datagram({ text: "stays" }), { to: "h2", quietFor: 1000 });
  expect(trace.sightings.map(({ to }) => to)).toEqual(["r1:net0"]);
});
