import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "vitest";
import { Panel, type PanelOptions } from "../../src/wire/panel.ts";
import type { PanelConfiguration, WireDescription, WireEnd } from "../../src/wire/protocol.ts";
import { FakeMachine } from "./fake-machine.ts";

/** A panel process in a directory of its own, and the machines that are connected to it. */
export class Wiring implements AsyncDisposable {
  readonly panel: Panel;
  readonly directory: string;
  readonly #machines: FakeMachine[] = [];

  private constructor(panel: Panel, directory: string) {
    this.panel = panel;
    this.directory = directory;
  }

  static async open(options: Partial<PanelOptions> = {}): Promise<Wiring> {
    const directory = await mkdtemp(join(tmpdir(), "kestrel-wire-"));
    return new Wiring(await Panel.start({ runDirectory: directory, seed: "test", ...options }), directory);
  }

  async connect(node: string): Promise<FakeMachine> {
    const machine = await FakeMachine.connect(this.directory, node, "net0");
    this.#machines.push(machine);
    return machine;
  }

  /** One wire between the ports `net0` of two nodes, and the machines there. */
  async pair(wire: Partial<WireDescription> = {}): Promise<readonly [FakeMachine, FakeMachine]> {
    await this.panel.configure(between("a", "b", { name: "wire", ...wire }));
    return [await this.connect("a"), await this.connect("b")];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.#machines) machine[Symbol.dispose]();
    await this.panel.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** The port `net0` of a node as a wire end. */
export function portOf(node: string): WireEnd {
  return { port: `${node}:net0` };
}

/** Two nodes and a wire. */
export function between(a: string, b: string, wire: Partial<WireDescription> = {}): PanelConfiguration {
  return {
    ports: [a, b].map((node) => ({ node, port: "net0" })),
    wires: [{ name: `${a}-${b}`, ends: [portOf(a), portOf(b)], ...wire }],
  };
}

/** A test with a panel. */
export const test = base.extend<{ wiring: Wiring }>({
  // The first parameter must be an object pattern: vitest reads from it what the fixture needs.
  wiring: async ({}, use) => {
    await using wiring = await Wiring.open();
    await use(wiring);
  },
});
