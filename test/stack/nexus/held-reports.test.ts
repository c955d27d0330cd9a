import { expect, test } from "vitest";
import { agentApi, type HeldAgentSubject } from "../../../src/stack/daemon/agent-api.ts";
import { createApi, serveApi } from "../../../src/stack/daemon/api.ts";
import { ChangeSignal } from "../../../src/stack/daemon/held-answer.ts";
import {
  type SledReport,
  sledReport,
  type SledState,
  sledState,
} from "../../../src/stack/nexus/sled-interface/sled-state.ts";
import { instanceBody, ok, startNexus } from "./nexus-fixture.ts";

/** A sled whose instances are as the test says. */
class Sled implements HeldAgentSubject<SledState, SledReport> {
  readonly changes = new ChangeSignal();
  #state: SledState | undefined;
  #instances: SledReport["instances"][number]["state"] = "running";
  /** Who asks without knowing what there was waits for ever. */
  isAskedInVain = false;

  get generation(): number {
    return this.#state?.generation ?? 0;
  }

  report(): SledReport {
    const state = this.#instances;
    const instances = (this.#state?.instances ?? []).map(({ id, incarnation }) => ({ id, incarnation, state }));
    return { generation: this.generation, instances, faults: [], alerts: [] };
  }

  fault(): undefined {
    return undefined;
  }

  take(state: SledState): Promise<void> {
    this.#state = state;
    this.changes.changed();
    return Promise.resolve();
  }

  become(instances: SledReport["instances"][number]["state"]): void {
    this.#instances = instances;
    this.changes.changed();
  }
}

test("what changes at a sled is known without asking", async () => {
  const sled = new Sled();
  const refused = (status: number, message: string): void => {
    throw new Error(`${status} ${message}`);
  };
  const gate = createApi({ bodyLimitBytes: 1_000_000 });
  gate.use(async ({ req }, next) => {
    if (sled.isAskedInVain && req.method === "GET" && req.header("if-none-match") === undefined) {
      await Promise.withResolvers<never>().promise;
    }
    await next();
  });
  gate.route("/", agentApi("sled-agent", sled, { state: sledState, report: sledReport }, refused));
  await using served = await serveApi(gate, { host: "127.0.0.1", port: 0 });
  const agent = { host: "127.0.0.1", port: served.port };
  const racks = [{ name: "rack0", sleds: [{ name: "s", underlay: "fd00::1", agent }], switches: [] }];
  await using tested = await startNexus({ sleds: 0, switches: 0, more: { racks } });
  const { api, settled } = tested;
  await ok(api.projectCreate({ body: { name: "p", description: "" } }));
  await ok(api.instanceCreate({ query: { project: "p" }, body: instanceBody("a") }));
  await settled();
  // The question that is held is there.
  await expect.poll(() => sled.changes.waiting).toBeGreaterThan(0);
  const stateOf = async () =>
    (await ok(api.instanceView({ path: { instance: "a" }, query: { project: "p" } }))).runState;
  expect(await stateOf()).toBe("running");
  sled.isAskedInVain = true;
  sled.become("failed");
  await expect.poll(stateOf).toBe("failed");
});
