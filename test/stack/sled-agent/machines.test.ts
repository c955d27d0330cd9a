import { describe, expect, test } from "vitest";
import {
  type AgentInput,
  type AgentOutput,
  emptyAgent,
  reportOf,
  stepAgent,
} from "../../../src/stack/sled-agent/engine/agent.ts";
import type { Flows, MachineOffer } from "../../../src/stack/sled-agent/machine-interface.ts";
import { desired, instance, port } from "./desired.ts";

const nic = "11111111-2222-3333-4444-555555555555";
const optePort = "opte111111112";
const flows: Flows = { version: 1, layerFlows: [], tcpFlows: [] };
const offer: MachineOffer = { machine: "machine0", link: "machine0", is_plugged: false, flows: null };
const plugged: MachineOffer = { ...offer, is_plugged: true };

/** An agent whose opted takes everything. */
class Bench {
  state = emptyAgent;
  readonly applied: (readonly { readonly name: string; readonly attachment: object; readonly flows?: unknown }[])[] =
    [];

  step(input: AgentInput): readonly AgentOutput[] {
    const { state, outputs } = stepAgent(this.state, input, 0);
    this.state = state;
    for (const output of outputs) {
      if (output.kind !== "apply-opte") continue;
      this.applied.push(output.state.ports ?? []);
      this.step({ kind: "opte-applied" });
    }
    return outputs;
  }

  get report(): string {
    return reportOf(this.state)
      .instances.map(({ id, state }) => `${id}=${state}`)
      .join(" ");
  }

  get machines(): readonly string[] {
    return [...this.state.machines.values()].map(
      ({ key, phase, has_port: hasPort }) => `${key} ${phase}${hasPort ? " port" : ""}`,
    );
  }
}

const vm = (change: Parameters<typeof instance>[1] = {}) => instance("i1", { kind: "vm", ...change });
const wants = (generation: number, ...instances: ReturnType<typeof instance>[]): AgentInput => ({
  kind: "desired",
  state: desired(generation, { instances, ...(instances.length === 0 ? { ports: [] } : {}) }),
});

describe("an instance that is a machine", () => {
  test("is wanted, has a port once a machine is offered, and runs once that is plugged in", () => {
    const bench = new Bench();
    bench.step(wants(1, vm()));
    expect(bench.machines).toEqual(["i1.1 wanted"]);
    expect(bench.applied.at(-1)).toEqual([]);
    bench.step({ kind: "machine-offered", key: "i1.1", offer });
    expect(bench.applied.at(-1)).toMatchObject([{ name: optePort, attachment: { kind: "link", link: "machine0" } }]);
    expect([bench.machines, bench.report]).toEqual([["i1.1 here port"], "i1=starting"]);
    bench.step({ kind: "machine-offered", key: "i1.1", offer: plugged });
    expect(bench.report).toBe("i1=running");
  });

  test("leaves with its connections: opted keeps the port until it has told them", () => {
    const bench = new Bench();
    bench.step(wants(1, vm()));
    bench.step({ kind: "machine-offered", key: "i1.1", offer: plugged });
    const applied = bench.applied.length;
    expect(bench.step(wants(2))).toEqual([{ kind: "save-flows", key: "i1.1", nic }]);
    expect(bench.applied).toHaveLength(applied);
    bench.step({ kind: "flows-saved", key: "i1.1", flows });
    expect(bench.applied.at(-1)).toEqual([]);
    expect(bench.state.machines.get("i1.1")).toMatchObject({ phase: "left", machine: "machine0", flows });
    bench.step({ kind: "machine-released", key: "i1.1" });
    expect(bench.machines).toEqual([]);
  });

  test("arrives with its connections, which opted is told once, with its port", () => {
    const bench = new Bench();
    bench.step(wants(1, vm()));
    bench.step({ kind: "machine-offered", key: "i1.1", offer: { ...offer, flows } });
    expect(bench.applied.at(-1)).toMatchObject([{ flows }]);
    bench.step({ kind: "machine-offered", key: "i1.1", offer: plugged });
    bench.step(wants(2, vm(), instance("i2", { run: "stopped" })));
    expect(bench.applied.at(-1)?.[0]).not.toHaveProperty("flows");
    expect(bench.report).toBe("i1=running i2=stopped");
  });

  test("that came back before anybody took it goes on with its connections", () => {
    const bench = new Bench();
    bench.step(wants(1, vm()));
    bench.step({ kind: "machine-offered", key: "i1.1", offer: plugged });
    bench.step(wants(2));
    bench.step({ kind: "flows-saved", key: "i1.1", flows });
    bench.step(wants(3, vm()));
    expect(bench.applied.at(-1)).toMatchObject([{ flows }]);
    expect([bench.machines, bench.report]).toEqual([["i1.1 here port"], "i1=starting"]);
  });

  test("has stopped once its machine is taken back, and another incarnation wants another", () => {
    const bench = new Bench();
    bench.step(wants(1, vm()));
    bench.step({ kind: "machine-offered", key: "i1.1", offer: plugged });
    bench.step(wants(2, vm({ incarnation: 2 })));
    expect(bench.machines).toEqual(["i1.1 stopped", "i1.2 wanted"]);
    bench.step({ kind: "machine-released", key: "i1.1" });
    bench.step({ kind: "machine-offered", key: "i1.2", offer: plugged });
    bench.step(wants(3, vm({ incarnation: 2, run: "stopped" })));
    expect([bench.machines, bench.report]).toEqual([["i1.2 stopped"], "i1=stopping"]);
    bench.step({ kind: "machine-released", key: "i1.2" });
    expect([bench.machines, bench.report]).toEqual([[], "i1=stopped"]);
  });

  test("fails where no machine is free, or with two network interfaces, and says why", () => {
    const bench = new Bench();
    bench.step(wants(1, vm()));
    bench.step({ kind: "machine-offered", key: "i1.1", offer: { fault: "none is free" } });
    expect(reportOf(bench.state)).toMatchObject({ instances: [{ state: "failed" }], faults: ["web: none is free"] });
    const two = desired(2, { instances: [vm({ incarnation: 2 })], ports: [port(nic, "i1"), port("another", "i1")] });
    bench.step({ kind: "desired", state: two });
    expect(reportOf(bench.state)).toMatchObject({
      instances: [{ state: "failed" }],
      faults: ["web: a machine has one network interface, not 2"],
    });
  });
});
