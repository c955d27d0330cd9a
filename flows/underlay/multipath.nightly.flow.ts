import { expect, test } from "vitest";
import { eventually, type FlowTestbed, rackStatus, readTopology, testbed } from "../../src/index.ts";
import { converged, type Endpoint } from "./fabric.ts";

const sled0: Endpoint = { node: "rack0-sled0", address: "fd00:1122:3344:101::1" };
const sled1: Endpoint = { node: "rack0-sled1", address: "fd00:1122:3344:102::1" };
/** The two ways from the first sled: by either switch. */
const ways = [0, 1].map((at) => `rack0-sled0:net${at}--rack0-switch${at}:rear0`) as [string, string];
const flows = 128;
/** Estimates take some probes to follow, and machines are emulated. */
const within = 180_000;

/** The share of the first way, as the first sled's daemon has decided it. */
async function wantedShare(bed: FlowTestbed): Promise<number> {
  const { racks } = await rackStatus(bed.testbed);
  const paths = racks[0]?.nodes.find(({ name }) => name === sled0.node)?.paths ?? [];
  const path = paths.find((each) => each.interface === "net0" && each.destination === "fd00:1122:3344:102::/64");
  return path?.share ?? expect.unreachable(`no path of ${sled0.node} is measured`);
}

async function untilShare(bed: FlowTestbed, what: string, fits: (share: number) => boolean): Promise<void> {
  await eventually(async () => fits(await wantedShare(bed)), { what, within, every: 500 });
}

/** The share of the first way among flows from the first sled to the second, counted on the wires. */
async function seenShare(bed: FlowTestbed): Promise<number> {
  const since = await bed.mark();
  {
    const options = { destination: sled1.address, flows, rate: 1, srcPort: 20_000 };
    await using stream = await bed.nodeStream(sled0.node, sled1.node, options);
    await eventually(() => stream.report().received >= 2 * flows, { what: "each flow has sent twice", within });
  }
  const counts = await Promise.all(
    ways.map(async (wire) => {
      const sightings = await bed.wire(wire).frames(since);
      const ports = sightings.flatMap(({ packet }) => {
        const udp = packet.layers.find((layer) => layer.layer === "udp");
        return udp?.dstPort === 9 && udp.srcPort >= 20_000 ? [udp.srcPort] : [];
      });
      return new Set(ports).size;
    }),
  );
  const [first = 0, second = 0] = counts;
  // A flow may have been moved from one way to the other meanwhile.
  expect(first + second).toBeGreaterThanOrEqual(flows);
  return first / (first + second);
}

test(
  "R16: the share of a way falls with its delay and comes back without; probes and answers pass switches unharmed",
  { timeout: 900_000 },
  async ({ annotate }) => {
    const plan = await readTopology("topologies/one-rack.yaml", { parameters: { sleds: 2 } });
    await using bed = await testbed({ ...plan, stack: { ...plan.stack, multipath: { intervalMs: 250 } } });
    await converged(bed);
    await untilShare(bed, "both ways are about as fast", (share) => share > 0.35 && share < 0.65);
    const equal = await seenShare(bed);

    const [slow] = ways;
    await bed.wire(slow).set({ delayMicroseconds: 80_000 });
    await untilShare(bed, "the slower way is to get less", (share) => share < 0.3);
    const delayed = await seenShare(bed);
    expect(await bed.node(sled0.node).ask("ddmadm get-paths")).toMatch(/fd00:1122:3344:102::\/64 +net0 .* ms +\d+ %/);

    await bed.wire(slow).set({ delayMicroseconds: 0 });
    await untilShare(bed, "the way has its share again", (share) => share > 0.35);
    const returned = await seenShare(bed);
    const percent = (share: number): string => `${Math.round(100 * share)} %`;
    const said = `share of the way: ${percent(equal)}, with 80 ms more ${percent(delayed)}, then ${percent(returned)}`;
    await annotate(said);
    console.log(said);
    // Four standard deviations of 128 flows are 0.18; the weights themselves may be anywhere in what was waited for.
    expect(delayed).toBeLessThan(equal - 0.05);
    expect(returned).toBeGreaterThan(delayed + 0.05);

    // A probe and its answer, at both wires of the first switch: but for MAC addresses and hop limit they are the same.
    const since = await bed.mark();
    const header = async (wire: string, acknowledgment: boolean): Promise<readonly string[]> =>
      (await bed.wire(wire).frames(since)).flatMap(({ packet }) => {
        const ipv6 = packet.layers.find((layer) => layer.layer === "ipv6");
        const ddm = packet.layers.find((layer) => layer.layer === "ddm");
        if (ddm?.acknowledgment !== acknowledgment) return [];
        const ends = [ipv6?.src, ipv6?.dst].toSorted();
        return ends.join() === [sled0.address, sled1.address].join() ? [JSON.stringify(ddm)] : [];
      });
    const far = "rack0-sled1:net0--rack0-switch0:rear1";
    for (const acknowledgment of [false, true]) {
      await eventually(
        async () => {
          const [near, beyond] = [await header(slow, acknowledgment), await header(far, acknowledgment)];
          expect(near.filter((each) => beyond.includes(each)).length).toBeGreaterThanOrEqual(3);
        },
        { what: `${acknowledgment ? "answers" : "probes"} cross the switch as they are`, within: 60_000 },
      );
    }
  },
);
