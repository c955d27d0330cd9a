import { inspect } from "node:util";
import { Api, type ApiResult } from "@oxide/api";
import { expect } from "vitest";
import { nexusConfigurationSchema } from "../../../src/stack/nexus/configuration.ts";
import { type RunningNexus, runNexus } from "../../../src/stack/nexus/run-nexus.ts";
import { SimulatedSled, SimulatedSwitch } from "./simulated-agent.ts";

/** How a nexus under test is. */
export interface NexusOptions {
  readonly sleds?: number;
  readonly switches?: 0 | 2;
  readonly database?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A nexus with simulated sleds and switches, and Oxide's own client for it. */
export interface TestedNexus extends AsyncDisposable {
  readonly nexus: RunningNexus;
  readonly api: Api["methods"];
  readonly url: string;
  readonly sleds: readonly SimulatedSled[];
  readonly switches: readonly SimulatedSwitch[];
  /** Wait until every sled and switch has what it shall, and nothing is on its way. */
  readonly settled: () => Promise<void>;
}

/** Start one. */
export async function startNexus({
  sleds: sledCount = 2,
  switches: switchCount = 2,
  database = ":memory:",
  more = {},
}: NexusOptions = {}): Promise<TestedNexus> {
  await using started = new AsyncDisposableStack();
  const sleds = Array.from({ length: sledCount }, () => started.use(new SimulatedSled()));
  const switches = Array.from({ length: switchCount }, () => started.use(new SimulatedSwitch()));
  for (const agent of [...sleds, ...switches]) await agent.begin();
  const faults: unknown[] = [];
  const configuration = nexusConfigurationSchema.parse({
    listen: { host: "127.0.0.1", port: 0 },
    database,
    seed: "test",
    guest_dns: ["198.51.100.53", "2001:db8::53"],
    racks: [
      {
        name: "rack0",
        sleds: sleds.map(({ port }, at) => ({
          name: `sled${at}`,
          underlay: `fd00:1122:3344:${(0x101 + at).toString(16)}::1`,
          agent: { host: "127.0.0.1", port },
        })),
        switches: switches.map(({ port }, at) => ({
          name: `rack0-switch${at}`,
          slot: `switch${at}`,
          tunnel_endpoint: `fd00:1122:3344:1f${at}::1`,
          agent: { host: "127.0.0.1", port },
          uplink_ports: ["qsfp0", "qsfp1"],
        })),
      },
    ],
    ...more,
  });
  const nexus = await runNexus(configuration, {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (fault: unknown) => faults.push(fault),
  });
  const url = `http://127.0.0.1:${nexus.port}`;
  const running = started.move();
  return {
    nexus,
    api: new Api({ host: url }).methods,
    url,
    sleds,
    switches,
    settled: async () => {
      await expect
        .poll(() => {
          const faulty = nexus.reconciliation.targets().find(({ last_fault: fault }) => fault?.includes("status 500"));
          if (faulty !== undefined) throw new Error(`an agent did not understand: ${faulty.last_fault ?? ""}`);
          const isThere = nexus.reconciliation
            .targets()
            .every(({ wanted_generation, confirmed_generation }) => wanted_generation === confirmed_generation);
          const states = new Set(nexus.store.tables.instances.list().map(({ run_state }) => run_state));
          return (
            isThere && [...states].every((state) => state === "running" || state === "stopped" || state === "failed")
          );
        })
        .toBe(true);
    },
    async [Symbol.asyncDispose]() {
      await nexus[Symbol.asyncDispose]();
      await running.disposeAsync();
      if (faults.length > 0) throw new Error(`nexus has faults of its own: ${inspect(faults, { depth: 5 })}`);
    },
  };
}

/** The data of an answer that must be a success. */
export async function ok<Data>(answer: Promise<ApiResult<Data>>): Promise<Data> {
  const result = await answer;
  if (result.type !== "success") throw new Error(`refused: ${JSON.stringify(result)}`);
  return result.data;
}

/** The message of an answer that must be a refusal, with its status before it. */
export async function refused(answer: Promise<ApiResult<unknown>>): Promise<string> {
  const result = await answer;
  if (result.type !== "error") throw new Error(`expected a refusal, found ${JSON.stringify(result)}`);
  return `${result.response.status} ${result.data.message}`;
}

/** What is said of an instance where nothing matters but its name. */
export function instanceBody(name: string) {
  return { name, description: "", hostname: name, ncpus: 1, memory: 1_073_741_824 };
}
