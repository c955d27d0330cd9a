import { describe, expect, test } from "vitest";
import {
  type AgentInput,
  type AgentOutput,
  type AgentState,
  agentTimes,
  emptyAgent,
  reportOf,
  stepAgent,
} from "../../../src/stack/sled-agent/engine/agent.ts";
import { desired, instance, port } from "./desired.ts";

/** An agent at a clock of its own. */
class Bench {
  state: AgentState = emptyAgent;
  now = 0;
  wakeMs: number | undefined;

  step(input: AgentInput): readonly AgentOutput[] {
    const { state, outputs, wakeMs } = stepAgent(this.state, input, this.now);
    this.state = state;
    this.wakeMs = wakeMs;
    return outputs;
  }

  /** Say what shall be, and have everything come out well, until nothing is left to do. */
  settle(first: AgentInput): void {
    const inputs: AgentInput[] = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      for (const output of this.step(input)) {
        if (output.kind === "start-guest") inputs.push({ kind: "guest-running", key: output.guest.key });
        if (output.kind === "stop-guest") inputs.push({ kind: "guest-ended", key: output.key });
        if (output.kind === "apply-opte") inputs.push({ kind: "opte-applied" });
      }
    }
  }

  /** The report in one line: generation, instances, faults. */
  get report(): string {
    const { generation, instances, faults } = reportOf(this.state);
    const each = instances.map(({ id, incarnation, state }) => `${id}.${incarnation}=${state}`);
    return [generation, ...each, ...faults].join(" ");
  }
}

const portNames = (output: AgentOutput | undefined): readonly string[] =>
  output?.kind === "apply-opte" ? (output.state.ports ?? []).map(({ name }) => name) : [];

describe("the agent of a sled", () => {
  test("touches nothing before it has been told anything", () => {
    const bench = new Bench();
    expect(bench.step({ kind: "guest-running", key: "i9.1" })).toEqual([]);
    expect(bench.step({ kind: "tick" })).toEqual([]);
    expect(bench.report).toBe("0");
  });

  test("starts a guest, then tells opted of its ports in the guest's namespace, and only then says that it runs", () => {
    const bench = new Bench();
    const first = bench.step({ kind: "desired", state: desired(3) });
    expect(first.map(({ kind }) => kind)).toEqual(["start-guest", "apply-opte"]);
    expect(first[0]).toMatchObject({
      guest: {
        key: "i1.1",
        hostname: "web",
        nics: [{ name: "net0", mac: "a8:40:25:f0:00:01", has4: true, has6: false }],
      },
    });
    expect(portNames(first[1])).toEqual([]);
    expect(bench.report).toBe("0 i1.1=starting");
    expect(bench.step({ kind: "opte-applied" })).toEqual([]);
    expect(bench.report).toBe("0 i1.1=starting");
    const [second] = bench.step({ kind: "guest-running", key: "i1.1" });
    expect(second).toMatchObject({
      kind: "apply-opte",
      state: {
        ports: [
          {
            name: "opte111111112",
            attachment: { kind: "veth", namespace: "i1.1" },
            firewall: ["dir=in action=allow priority=65534 hosts=vni=100 protocol=any port=any"],
            gateways: { "203.0.113.7": ["g1"] },
          },
        ],
        v2p: [{ vni: 100, ip: "172.30.0.5", mac: "a8:40:25:f0:00:01", underlay: "fd00::1" }],
        v2b: [{ prefix: "0.0.0.0/0", endpoints: ["fd00:1122:3344:1f0::1"] }],
      },
    });
    expect(bench.report).toBe("0 i1.1=starting");
    bench.step({ kind: "opte-applied" });
    expect(bench.report).toBe("3 i1.1=running");
  });

  test("a restarted one finds its guests, compares opted with what shall be, and starts and stops nothing", () => {
    const bench = new Bench();
    bench.step({ kind: "guest-running", key: "i1.1" });
    const outputs = bench.step({ kind: "desired", state: desired(3) });
    expect(outputs.map(({ kind }) => kind)).toEqual(["apply-opte"]);
    expect(portNames(outputs[0])).toEqual(["opte111111112"]);
    bench.step({ kind: "opte-applied" });
    expect(bench.report).toBe("3 i1.1=running");
  });

  test("a guest that nobody wants is stopped, its ports are taken away, and it is gone from the report", () => {
    const bench = new Bench();
    bench.settle({ kind: "desired", state: desired(1) });
    const outputs = bench.step({ kind: "desired", state: desired(2, { instances: [], ports: [] }) });
    expect(outputs.map(({ kind }) => kind)).toEqual(["stop-guest", "apply-opte"]);
    expect(portNames(outputs[1])).toEqual([]);
    bench.step({ kind: "opte-applied" });
    bench.step({ kind: "guest-ended", key: "i1.1" });
    expect(bench.report).toBe("2");
    expect(bench.state.guests.size).toBe(0);
  });

  test("an instance that shall stop is stopping until it has, and then stopped", () => {
    const bench = new Bench();
    bench.settle({ kind: "desired", state: desired(1) });
    bench.step({ kind: "desired", state: desired(2, { instances: [instance("i1", { run: "stopped" })] }) });
    bench.step({ kind: "opte-applied" });
    expect(bench.report).toBe("2 i1.1=stopping");
    bench.step({ kind: "guest-ended", key: "i1.1" });
    expect(bench.report).toBe("2 i1.1=stopped");
  });

  test("another incarnation is another guest: the old one is stopped, the ports move to the new one", () => {
    const bench = new Bench();
    bench.settle({ kind: "desired", state: desired(1) });
    const outputs = bench.step({
      kind: "desired",
      state: desired(2, { instances: [instance("i1", { incarnation: 2 })] }),
    });
    expect(outputs).toMatchObject([
      { kind: "start-guest", guest: { key: "i1.2" } },
      { kind: "stop-guest", key: "i1.1" },
      { kind: "apply-opte", state: { ports: [] } },
    ]);
    bench.step({ kind: "opte-applied" });
    const [apply] = bench.step({ kind: "guest-running", key: "i1.2" });
    expect(apply).toMatchObject({ state: { ports: [{ attachment: { namespace: "i1.2" } }] } });
    bench.step({ kind: "guest-ended", key: "i1.1" });
    bench.step({ kind: "opte-applied" });
    expect(bench.report).toBe("2 i1.2=running");
  });

  test("a guest that ends by itself, or cannot be started, has failed, until nexus says otherwise", () => {
    const bench = new Bench();
    bench.settle({ kind: "desired", state: desired(1) });
    bench.step({ kind: "guest-ended", key: "i1.1" });
    bench.step({ kind: "opte-applied" });
    expect(bench.report).toBe("1 i1.1=failed");
    bench.settle({ kind: "desired", state: desired(2, { instances: [instance("i1", { incarnation: 2 })] }) });
    expect(bench.report).toBe("2 i1.2=running");
    bench.step({ kind: "desired", state: desired(3, { instances: [instance("i1", { incarnation: 3 })] }) });
    bench.step({ kind: "guest-failed", key: "i1.3" });
    expect(bench.report).toContain("i1.3=failed");
  });

  test("opted is asked again after it failed, ever more seldom, and what it has is compared anew", () => {
    const bench = new Bench();
    bench.step({ kind: "guest-running", key: "i1.1" });
    bench.step({ kind: "desired", state: desired(1) });
    const waits: number[] = [];
    for (let at = 0; at < 8; at += 1) {
      expect(bench.step({ kind: "opte-failed", fault: "opted: connect ENOENT" })).toEqual([]);
      expect(bench.report).toBe("0 i1.1=starting opted: connect ENOENT");
      waits.push((bench.wakeMs ?? 0) - bench.now);
      bench.now = bench.wakeMs ?? 0;
      expect(bench.step({ kind: "tick" }).map(({ kind }) => kind)).toEqual(["apply-opte"]);
    }
    expect(waits[0]).toBe(agentTimes.firstRetryMs);
    expect(waits.at(-1)).toBe(agentTimes.longestRetryMs);
    bench.step({ kind: "opte-applied" });
    expect(bench.report).toBe("1 i1.1=running");
    expect(bench.wakeMs).toBeUndefined();
  });

  test("what changes while opted is being told is told after it, and a running instance stays one", () => {
    const bench = new Bench();
    bench.settle({ kind: "desired", state: desired(1) });
    bench.step({ kind: "desired", state: desired(2, { boundary: [] }) });
    expect(bench.step({ kind: "desired", state: desired(3, { mappings: [] }) })).toEqual([]);
    const [apply] = bench.step({ kind: "opte-applied" });
    expect(apply).toMatchObject({ kind: "apply-opte", state: { v2p: [] } });
    expect(bench.report).toBe("1 i1.1=running");
    bench.step({ kind: "opte-applied" });
    expect(bench.report).toBe("3 i1.1=running");
  });

  test("ways out that the underlay learns are added to those that nexus says", () => {
    const bench = new Bench();
    bench.settle({ kind: "desired", state: desired(1) });
    const boundary = [
      { prefix: "0.0.0.0/0", endpoints: ["fd00:1122:3344:1f1::1", "fd00:1122:3344:1f0::1"] },
      { prefix: "::/0", endpoints: ["fd00:1122:3344:1f1::1"] },
    ];
    expect(bench.step({ kind: "learnt", boundary })).toMatchObject([
      {
        state: {
          v2b: [
            { prefix: "0.0.0.0/0", endpoints: ["fd00:1122:3344:1f0::1", "fd00:1122:3344:1f1::1"] },
            { prefix: "::/0", endpoints: ["fd00:1122:3344:1f1::1"] },
          ],
        },
      },
    ]);
  });

  test("a probe is a guest, and a machine is none that this agent starts", () => {
    const bench = new Bench();
    const owner = { kind: "probe", id: "p1" } as const;
    bench.settle({
      kind: "desired",
      state: desired(1, {
        instances: [instance("i1", { kind: "vm" })],
        ports: [port("2".repeat(8), "p1", { owner }), port("3".repeat(8), "i1")],
      }),
    });
    expect([...bench.state.guests.keys()]).toEqual(["p1.0"]);
    expect(bench.report).toBe("0 i1.1=starting");
  });
});

test("what opted says is nearly used up is reported by names, and no more when the port is gone", () => {
  const bench = new Bench();
  bench.settle({ kind: "desired", state: desired(1) });
  const near = { port: "opte111111112", resource: "snat ipv4 udp", limit: 16_384 };
  bench.settle({ kind: "near-limits", nearLimits: [near, { ...near, port: "opte999999999" }] });
  expect(reportOf(bench.state).alerts).toEqual(["shop/web, net0: nearly all of 16384 are used: snat ipv4 udp"]);
  bench.settle({ kind: "near-limits", nearLimits: [] });
  expect(reportOf(bench.state).alerts).toEqual([]);
});
