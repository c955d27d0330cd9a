import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { dpdConfigurationSchema } from "../../../src/stack/dpd/configuration.ts";
import { tableNames } from "../../../src/stack/dpd/engine/tables.ts";
import { runDpd } from "../../../src/stack/dpd/run-dpd.ts";
import { freePort } from "../../host/free-port.ts";
import { type Call, caller, configurationFor } from "./dpd-fixture.ts";
import { requestOf, type Step } from "./naive-rack.ts";
import { compileRack } from "./rack-switch.ts";

const patience = { timeout: 60_000, interval: 50 };
const limit = { timeout: 180_000 };
const quiet = (): undefined => undefined;
const simpleSwitch = process.env["KESTREL_SIMPLE_SWITCH"] ?? "";

const steps: readonly Step[] = [
  { kind: "add", prefix: "fd00:1::/64", target: { tag: "t", portId: "rear0", hop: "fe80::1" } },
  { kind: "add", prefix: "fd00:1::/64", target: { tag: "t", portId: "rear1", hop: "fe80::2" } },
  { kind: "add", prefix: "10.0.0.0/8", target: { tag: "t", portId: "qsfp0", hop: "fe80::3" } },
  { kind: "neighbor", ip: "fe80::1", mac: "02:00:00:00:00:01", tag: "t" },
  { kind: "address", portId: "qsfp0", addr: "192.168.0.1", tag: "t" },
  { kind: "loopback", addr: "fd00:99::1", tag: "t" },
  { kind: "nat", external: "203.0.113.1", low: 1000, high: 1999, vni: 7 },
  { kind: "attach", subnet: "203.0.113.16/28", vni: 8 },
];

/** All tables, as the switch itself tells them. */
async function dump(call: Call): Promise<readonly unknown[]> {
  return Promise.all(tableNames.map(async (name) => (await call("GET", `/table/${name}/dump`)).value));
}

/** Program a switch that is a process of its own, kill it, start it again, and look whether it holds the same. */
async function killAndRestart(command: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kestrel-dpd-"));
  const json = join(folder, "rack.json");
  writeFileSync(json, compileRack());
  const port = await freePort();
  const [file = "", ...words] = command;
  const start = (): ChildProcess => spawn(file, [...words, "--thrift-port", String(port), json], { stdio: "ignore" });
  let child = start();
  try {
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    await using dpd = await runDpd(dpdConfigurationSchema.parse(configurationFor(port)), log);
    const call = caller(dpd.port);
    const inSync = async (resyncs: number): Promise<void> => {
      await vi.waitFor(() => {
        expect(dpd.control.driver.state).toMatchObject({ connected: true, resyncs });
      }, patience);
    };
    await inSync(1);
    for (const step of steps) {
      const [method, path, body] = requestOf(step);
      expect([step, (await call(method, path, body)).status]).toEqual([step, 204]);
    }
    const before = await dump(call);
    const killed = once(child, "exit");
    child.kill("SIGKILL");
    await killed;
    child = start();
    await inSync(2);
    expect(await dump(call)).toEqual(before);
  } finally {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true });
  }
}

test("kestrel p4 run, killed and started again, holds what it held", limit, async () => {
  await killAndRestart([join(import.meta.dirname, "../../../bin/kestrel"), "p4", "run"]);
});

test.skipIf(simpleSwitch === "")(
  "the simple_switch of KESTREL_SIMPLE_SWITCH, killed and started again, holds what it held",
  limit,
  async () => {
    await killAndRestart([simpleSwitch]);
  },
);
