import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlowTestbed } from "../../src/flow/flow-testbed.ts";
import { build, ethernet, ipv6, packet, type Packet, payload, udp } from "../../src/packet/index.ts";
import type { Testbed, TestbedStatus } from "../../src/testbed/index.ts";
import { planTopology } from "../../src/topology/index.ts";
import { Panel } from "../../src/wire/index.ts";
import { FakeMachine } from "../wire/fake-machine.ts";

export const plan = planTopology({
  name: "routed",
  nodes: {
    h1: { ports: { net0: ["10.0.1.1/24", "fd00:1::1/64"] } },
    r1: {
      kind: "router",
      ports: { net0: ["10.0.1.254/24", "fd00:1::fe/64"], net1: ["10.0.2.254/24", "fd00:2::fe/64"] },
    },
    h2: { ports: { net0: ["10.0.2.2/24", "fd00:2::2/64"] } },
  },
  wires: [
    ["h1:net0", "r1:net0"],
    ["r1:net1", "h2:net0"],
  ],
});

export const firstWire = "h1:net0--r1:net0";
export const secondWire = "r1:net1--h2:net0";

const portNames = plan.nodes.flatMap((node) => node.ports.map((port) => ({ node: node.name, port: port.name })));

/** A flow's testbed on a real panel, with a socket in the place of every machine. */
export class RoutedBed implements AsyncDisposable {
  readonly bed: FlowTestbed;
  readonly panel: Panel;
  readonly machines: ReadonlyMap<string, FakeMachine>;
  readonly status: { nodes: Partial<TestbedStatus["nodes"][number]>[]; alive: boolean };
  readonly #directory: string;

  private constructor(panel: Panel, directory: string, machines: ReadonlyMap<string, FakeMachine>) {
    this.panel = panel;
    this.machines = machines;
    this.#directory = directory;
    this.status = { nodes: [], alive: true };
    const { status } = this;
    const testbed = {
      name: "routed-test",
      plan,
      wires: panel,
      status: () =>
        status.alive
          ? Promise.resolve({ name: "routed-test", state: "ready", panel: { running: true }, nodes: status.nodes })
          : Promise.reject(new Error("gone")),
    };
    this.bed = new FlowTestbed(testbed as unknown as Testbed, 0, () => Promise.resolve());
  }

  static async open(): Promise<RoutedBed> {
    const directory = await mkdtemp(join(tmpdir(), "kestrel-flow-"));
    const panel = await Panel.start({ runDirectory: directory, seed: "test" });
    await panel.configure({
      ports: portNames,
      wires: plan.wires.map(({ name, a, b }) => ({
        name,
        ends: [{ port: `${a.node}:${a.port}` }, { port: `${b.node}:${b.port}` }] as const,
      })),
    });
    const machines = await Promise.all(
      portNames.map(
        async ({ node, port }) => [`${node}:${port}`, await FakeMachine.connect(directory, node, port)] as const,
      ),
    );
    return new RoutedBed(panel, directory, new Map(machines));
  }

  /** Have the machine behind a port send a frame. */
  send(port: string, frame: Packet): void {
    this.machines.get(port)?.send(build(frame));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.machines.values()) machine[Symbol.dispose]();
    await this.panel.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** A UDP datagram from h1 to h2, as it is on the first wire unless said otherwise. */
export function datagram(
  change: { hopLimit?: number; onSecondWire?: boolean; text?: string; port?: number } = {},
): Packet {
  const mac = (node: string, port: string): string =>
    plan.nodes.find(({ name }) => name === node)?.ports.find(({ name }) => name === port)?.mac ?? "";
  const link =
    change.onSecondWire === true ? [mac("r1", "net1"), mac("h2", "net0")] : [mac("h1", "net0"), mac("r1", "net0")];
  const [src = "", dst = ""] = link;
  return packet(
    ethernet({ src, dst }),
    ipv6({ src: "fd00:1::1", dst: "fd00:2::2", hopLimit: change.hopLimit ?? 64 }),
    udp({ srcPort: 4000, dstPort: change.port ?? 9 }),
    payload(change.text ?? "kestrel"),
  );
}
