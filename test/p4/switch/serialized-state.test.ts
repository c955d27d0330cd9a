import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { buildP4Program } from "../../../src/p4/compiler/index.ts";
import { RuntimeCli } from "../../../src/p4/switch/cli/runtime-cli.ts";
import { runSwitch } from "../../../src/p4/switch/index.ts";
import { readCommandLine } from "../../../src/p4/switch/run/command-line.ts";
import { declareTarget } from "../../../src/p4/switch/run/switch-options.ts";

let program = "";
beforeAll(async () => {
  program = (await buildP4Program(join(import.meta.dirname, "cli-program.p4"))).text;
});

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "kestrel-state-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** A switch, and what it says to a command. */
async function start(at: string, text: string, restore?: string): Promise<(line: string) => Promise<string>> {
  const file = join(at, "program.json");
  await writeFile(file, text);
  const running = await runSwitch({
    program: file,
    ports: [],
    thriftPort: 0,
    thriftAddress: "127.0.0.1",
    deviceId: 0,
    enableSwap: false,
    dropPort: 511,
    priorityQueues: 1,
    seed: 1,
    restore,
    log: () => undefined,
  });
  onTestFinished(() => running[Symbol.asyncDispose]());
  const cli = await RuntimeCli.connect(running.thriftPort, "127.0.0.1");
  onTestFinished(() => {
    cli[Symbol.dispose]();
  });
  return async (line) => (await cli.run(line))?.text ?? "";
}

const changes = [
  "table_add routes forward 10.0.1.0/24 => 5 1",
  "table_add routes forward 10.0.2.0/24 => 6 2",
  "table_delete routes 0",
  "table_set_default routes forward 7 7",
  "table_add rules forward 02:00:00:00:00:00&&&ff:00:00:00:00:00 0&&&0 => 1 2 10",
  "table_add ports refuse 80->443 => 3",
  "table_add flows metered 00:00:00:00:00:07 => 1",
  "table_set_timeout flows 0 60000",
  "counter_write hits 0 4 400",
  "meter_set_rates flow_rate 0 0.1:10 0.2:20",
  "act_prof_create_member paths forward 1 1",
  "act_prof_create_member paths forward 2 2",
  "act_prof_create_member paths refuse",
  "act_prof_delete_member paths 0",
  "act_prof_create_group paths",
  "act_prof_add_member_to_group paths 1 0",
  "act_prof_add_member_to_group paths 2 0",
  "table_indirect_add balanced 7 => 1",
  "table_indirect_add_with_group balanced 8 => 0",
  "table_indirect_set_default_with_group balanced 0",
  "counter_write seen 2 5 700",
  "register_write last 1 0xdeadbeef",
  "meter_set_rates rate 3 0.5:1 1:2",
  "pvs_add kinds 0x1234",
];
const questions = [
  "table_dump routes",
  "table_dump rules",
  "table_dump ports",
  "table_dump balanced",
  "table_num_entries flows",
  "counter_read hits 0",
  "meter_get_rates flow_rate 0",
  "counter_read seen 2",
  "register_read last",
  "meter_get_rates rate 3",
  "meter_get_rates rate 2",
  "pvs_get kinds",
  // Handles go on where they were.
  "table_add routes forward 10.0.3.0/24 => 5 1",
  "table_delete routes 0",
  "act_prof_create_member paths refuse",
  "act_prof_delete_member paths 1",
  "act_prof_delete_group paths 0",
];

test("a switch goes on where another one stopped, handles and all", async () => {
  const at = await directory();
  const first = await start(at, program);
  for (const line of changes) expect(await first(line), line).not.toMatch(/^(Error|Invalid)/);
  const state = join(at, "state");
  expect(await first(`serialize_state ${state}`)).toBe("");
  const second = await start(at, program, state);
  for (const line of questions) expect(await second(line), line).toBe(await first(line));
  expect(await second("table_dump_entry flows 0")).toContain("timeout is 60000ms");
});

test("state of another program, of another kind, or none at all is refused", async () => {
  const at = await directory();
  const say = await start(at, program);
  const state = join(at, "state");
  await say(`serialize_state ${state}`);
  const bytes = await readFile(state);
  const { text } = await buildP4Program(join(import.meta.dirname, "../programs/ipv4-router.p4"));
  await expect(start(at, text, state)).rejects.toThrow("expected the state of this program");
  for (const [content, said] of [
    [Buffer.from("something"), "a file that begins otherwise"],
    [bytes.subarray(0, 30), "another format"],
    [Buffer.concat([bytes.subarray(0, 28), Buffer.from("0\n")]), "another format"],
    [
      Buffer.from(bytes.toString("latin1").replace('"action":"TheIngress.refuse"', '"action":"none"'), "latin1"),
      "none",
    ],
  ] as const) {
    await writeFile(state, content);
    await expect(start(at, program, state)).rejects.toThrow(said);
  }
  await expect(start(at, program, join(at, "nothing"))).rejects.toThrow("ENOENT");
});

test("options of the reference that cannot be served are refused by name, the others taken", () => {
  const [packets, events] = [
    ["--packet-in", "ipc:///tmp/x"],
    ["--nanolog", "ipc:///tmp/x"],
  ];
  for (const words of [packets, events, ["--debugger"], ["--debugger-addr", "x"], ["--no-p4"]]) {
    expect(() => readCommandLine([...words, "p.json"])).toThrow("that this switch does not serve");
  }
  expect(() => declareTarget(["--load-modules=x.so"])).toThrow("that this switch does not serve");
  const words = ["--log-flush", "--restore-state", "s", "p.json"];
  expect(readCommandLine(words)).toMatchObject({ program: "p.json", options: { restoreState: "s" } });
});
