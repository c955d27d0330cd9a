import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { hourOfEvents } from "../tui/run/accelerated.ts";
import type { Plan } from "../topology/index.ts";
import { type Benchmark, rowOfHosts } from "./benchmark.ts";
import { median, percentile, rounded } from "./statistics.ts";
import { TalkativeTestbed } from "./tui-testbed.ts";
import { TerminalProgram } from "./tui-terminal.ts";

const defaultNodes = 64;
const eventsPerSecond = 10_000;
/** Seconds of the storm that are measured, after it has settled. */
const settleSeconds = 10;
const measuredSeconds = 10;
const keys = 40;
const size = { columns: 120, rows: 40 };
const kestrel = fileURLToPath(new URL("../../bin/kestrel", import.meta.url));

/**
 * What the terminal user interface costs: its CPU while a testbed of many nodes tells ten thousand events a second, the time
 * from a key to the screen in that storm, and its memory over an hour of events, accelerated. The first two are of the real
 * program in a terminal of its own, attached over the socket that every client uses; only the machines are left out.
 */
export const tui: Benchmark = {
  description:
    "CPU of the user interface at 64 nodes and 10 000 events/s, key to screen, memory over an hour of events",
  run: async ({ nodes = defaultNodes }) => {
    const plan = rowOfHosts(nodes);
    const storm = await measureStorm(plan);
    const { quarterBytes, endBytes } = hourOfEvents(plan, size);
    return {
      nodes,
      ...storm,
      heapMiBAfterQuarterHour: rounded(quarterBytes / 1024 ** 2),
      heapMiBAfterHour: rounded(endBytes / 1024 ** 2),
      heapGrowthMiB: rounded((endBytes - quarterBytes) / 1024 ** 2, 2),
    };
  },
};

/** The real program in the storm: its CPU, and the time that keys take. */
async function measureStorm(plan: Plan) {
  await using testbed = await TalkativeTestbed.start(plan, eventsPerSecond);
  const environment = { ...process.env, TERM: "xterm-256color" };
  await using program = new TerminalProgram(`${kestrel} tui ${testbed.name}`, size, environment);
  await program.prints("ready", 60_000);
  await after(settleSeconds * 1000);
  const [cpu, sent, begun] = [program.cpuSeconds(), testbed.sent, performance.now()];
  await after(measuredSeconds * 1000);
  const seconds = (performance.now() - begun) / 1000;
  const cpuPercent = ((program.cpuSeconds() - cpu) / seconds) * 100;
  const events = (testbed.sent - sent) / seconds;
  const times = await keyTimes(program);
  return {
    eventsPerSecond: Math.round(events),
    cpuPercent: rounded(cpuPercent),
    keyToScreenMs: rounded(median(times)),
    keyToScreenMsP95: rounded(percentile(times, 0.95)),
    residentMiB: rounded(program.memoryBytes() / 1024 ** 2),
  };
}

/** Milliseconds from a key to the screen that it asks for: help, opened and closed. */
async function keyTimes(program: TerminalProgram): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < keys; index += 1) {
    for (const [key, text] of [
      ["?", "any key closes"],
      ["x", "wires"],
    ] as const) {
      program.forget();
      const begun = performance.now();
      program.type(key);
      await program.prints(text, 10_000);
      times.push(performance.now() - begun);
      // Keys of a person do not come in step with the frames.
      await after(37 + (index % 7) * 11);
    }
  }
  return times;
}
