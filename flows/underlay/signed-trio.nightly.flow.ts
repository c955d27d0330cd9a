import { beforeAll, expect, test } from "vitest";
import {
  drawCampaign,
  eventually,
  type FlowTestbed,
  type Plan,
  readTopology,
  seedFor,
  testbed,
} from "../../src/index.ts";
import { askDdmd, learned, peersOf, tellDdmd } from "./ddm.ts";
import { converged } from "./fabric.ts";

const within = 120_000;
const own = { s1: "fd00:1122:3344:101::1", s2: "fd00:1122:3344:102::1" } as const;
/** What the flows have sleds originate. */
const ours = /^fd01:/;

/** The ends of the wire between the switch and s2, which carries 1500 bytes; the other one carries 9000. */
const narrow: ReadonlySet<string> = new Set(["t1:rear1", "s2:net0"]);

let plan: Plan;

beforeAll(async () => {
  const trio = await readTopology("topologies/trio.yaml");
  const nodes = trio.nodes.map((node) => ({
    ...node,
    ports: node.ports.map((port) => (narrow.has(`${node.name}:${port.name}`) ? { ...port, mtu: 1500 } : port)),
  }));
  plan = { ...trio, nodes };
});

/** The trio in signed mode; all flows of this file share it. */
function signedTrio(): Promise<FlowTestbed> {
  return testbed({ ...plan, stack: { ...plan.stack, signed: true } });
}

interface InterfaceView {
  readonly name: string;
  readonly counters: Readonly<Record<string, number>>;
}

async function counter(bed: FlowTestbed, node: string, link: string, name: string): Promise<number> {
  const interfaces = await askDdmd<readonly InterfaceView[]>(bed, node, "/interfaces");
  return interfaces.find((each) => each.name === link)?.counters[name] ?? 0;
}

async function untilLearned(bed: FlowTestbed, node: string, count: number): Promise<void> {
  await eventually(async () => (await learned(bed, node, ours)).length === count, {
    what: `${node} has learned ${count} prefixes`,
    within,
  });
}

test("R21: signed mode: peers are found, and who does not sign is refused", { timeout: 600_000 }, async () => {
  await using bed = await signedTrio();
  await converged(bed);
  expect((await peersOf(bed, "t1")).map(({ host }) => host).toSorted()).toEqual(["s1", "s2"]);
  const refused = await counter(bed, "t1", "tfportrear0_0", "strangers_refused");
  // An advertisement of a router "x", as the reference would send it.
  const rear = bed.port("t1:rear0").linkLocal;
  await bed.node("s1").ask(`printf '\\002\\002\\001\\001x' | socat -u - UDP6-SENDTO:[${rear}%net0]:3549`);
  await eventually(async () => (await counter(bed, "t1", "tfportrear0_0", "strangers_refused")) > refused, { within });
  expect((await peersOf(bed, "t1")).map(({ host }) => host).toSorted()).toEqual(["s1", "s2"]);
});

test(
  "who sends what is too long for a wire further on is told by the switch, and sends less",
  { timeout: 600_000 },
  async () => {
    await using bed = await signedTrio();
    await converged(bed);
    const since = await bed.mark();
    const { stdout } = await (await bed.node("s1").guest()).exec(`ping -6 -n -M do -s 4000 -c 1 -W 20 ${own.s2}`);
    expect(stdout).toMatch(/From fd00:1122:3344:1f0::1.* Packet too big: mtu=1500/);
    const toSource = (await bed.wire("s1:net0--t1:rear0").frames(since)).flatMap(({ packet }) =>
      packet.layers.filter((layer) => layer.layer === "icmpv6" && layer.message === "packet-too-big"),
    );
    expect(toSource).toMatchObject([{ mtu: 1500 }]);
    // The kernel knows now, and cuts what it sends to s2 into pieces that fit.
    await bed.node("s1").ask(`ping -6 -q -s 4000 -c 1 -W 20 ${own.s2}`);
    expect(await bed.node("s1").ask(`ip -6 route get ${own.s2}`)).toContain("mtu 1500");
  },
);

test(
  "1 000 prefixes of one sled reach the other and the switch, and are withdrawn",
  { timeout: 900_000 },
  async ({ annotate }) => {
    await using bed = await signedTrio();
    await converged(bed);
    const prefixes = Array.from({ length: 1000 }, (_, at) => `fd01:${(at + 1).toString(16)}::/64`);
    const told = performance.now();
    await tellDdmd(bed, "s1", "PUT", "/prefix", prefixes);
    await untilLearned(bed, "s2", 1000);
    const learnedMs = performance.now() - told;
    await eventually(
      async () => {
        const routes = await bed.node("s2").ask("ip -6 route show proto 223 | grep -c ^fd01:");
        expect(Number(routes)).toBe(1000);
      },
      { what: "the kernel of s2 has all of them", within },
    );
    const programmedMs = performance.now() - told;
    const said = `1000 prefixes: learned after ${Math.round(learnedMs)} ms, in the kernel after ${Math.round(programmedMs)} ms`;
    await annotate(said);
    console.log(said);
    await tellDdmd(bed, "s1", "DELETE", "/prefix", prefixes);
    await untilLearned(bed, "s2", 0);
    await untilLearned(bed, "t1", 0);
    await converged(bed);
  },
);

test("daemons that are restarted, as a push does, break no flow", { timeout: 900_000 }, async ({ annotate }) => {
  await using bed = await signedTrio();
  await converged(bed);
  const lost: string[] = [];
  for (const [node, service] of [
    ["t1", "ddmd"],
    ["t1", "dpd"],
    ["s1", "ddmd"],
  ] as const) {
    const options = { destination: own.s2, flows: 4, rate: 10, srcPort: 5000 };
    await using stream = await bed.nodeStream("s1", "s2", options);
    const guest = await bed.node(node).guest();
    await eventually(() => stream.report().received >= 40, { what: "traffic flows", within });
    await guest.services.restart(service);
    await converged(bed);
    const { sent } = stream.report();
    await eventually(() => stream.report().sent >= sent + 100, { what: "traffic goes on", within });
    await stream.stop();
    lost.push(`${service} of ${node}: ${stream.report().lost} of ${stream.report().sent} packets lost`);
    await annotate(lost.at(-1) ?? "");
    console.log(lost.at(-1));
    expect(stream.report().lost, `packets lost while ${service} of ${node} was restarted`).toBe(0);
  }
});

test("a campaign of faults leaves a trio that has converged", { timeout: 1_800_000 }, async () => {
  await using bed = await signedTrio();
  await converged(bed);
  const campaign = drawCampaign(
    seedFor("faults of the trio"),
    {
      count: 10,
      kinds: ["down", "flapping", "cut", "one-way-cut", "impaired", "paused", "daemon-killed", "daemon-stopped"],
      daemons: { t1: [{ service: "ddmd" }, { service: "dpd" }], s1: [{ service: "ddmd" }], s2: [{ service: "ddmd" }] },
      atOnce: 2,
      durationMs: { from: 500, to: 8000 },
      quietMs: { from: 500, to: 4000 },
    },
    bed.plan,
  );
  await bed.campaign(campaign);
  await converged(bed);
  await bed.node("s1").until(`ping -6 -q -c 1 -W 5 ${own.s2}`, { within });
  await bed.node("s2").until(`ping -6 -q -c 1 -W 5 ${own.s1}`, { within });
});
