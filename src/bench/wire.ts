import type { Testbed } from "../testbed/index.ts";
import { planTopology } from "../topology/index.ts";
import { measureRelay } from "../wire/bench.ts";
import { type Benchmark, withTestbed } from "./benchmark.ts";
import { median, rounded } from "./statistics.ts";

const pings = 200;

/** What a wire carries between two sockets, and what it adds to the round trip between two machines. */
export const wire: Benchmark = {
  description: "throughput of a wire, and round trips between machines: direct, through the panel, captured",
  run: async () => {
    const relay = await measureRelay();
    const roundTrips = await measureRoundTrips();
    return { ...relay, ...roundTrips };
  },
};

async function measureRoundTrips(): Promise<object> {
  // Three wires between the same two machines: what else they do is the same for all three.
  const plan = planTopology({
    name: "bench",
    nodes: {
      a: { ports: { direct: ["10.0.0.1/24"], panel: ["10.0.1.1/24"] } },
      b: { ports: { direct: ["10.0.0.2/24"], panel: ["10.0.1.2/24"] } },
    },
    wires: [
      { name: "direct", ends: ["a:direct", "b:direct"], direct: true },
      { name: "panel", ends: ["a:panel", "b:panel"] },
    ],
  });
  return withTestbed(plan, {}, async (testbed) => {
    const rounds = { direct: [] as number[], panel: [] as number[], captured: [] as number[] };
    // Turn by turn, so that what else happens on this host hits all three alike.
    for (let round = 0; round < 3; round += 1) {
      rounds.direct.push(await medianRoundTripMs(testbed, "10.0.0.2"));
      rounds.panel.push(await medianRoundTripMs(testbed, "10.0.1.2"));
      const capture = testbed.wires.capture({ wires: ["panel"] });
      capture.bytes.resume();
      rounds.captured.push(await medianRoundTripMs(testbed, "10.0.1.2"));
      capture.stop();
    }
    return {
      directRttMs: rounded(median(rounds.direct), 3),
      wireRttMs: rounded(median(rounds.panel), 3),
      recordedRttMs: rounded(median(rounds.captured), 3),
    };
  });
}

async function medianRoundTripMs(testbed: Testbed, address: string): Promise<number> {
  const guest = await testbed.node("a").guest();
  const { stdout } = await guest.exec(["ping", "-c", String(pings), "-i", "0.01", address]);
  return median([...stdout.matchAll(/time=(\d+(?:\.\d+)?) ms/g)].map(([, time]) => Number(time)));
}
