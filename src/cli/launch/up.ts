import { once } from "node:events";
import { watch } from "node:fs";
import { runRoot } from "../../host/directories.ts";
import { deployStack } from "../../rack/index.ts";
import type { TestbedStatus } from "../../testbed/protocol.ts";
import { type LaunchOptions, launchTestbed } from "../../testbed/launch-testbed.ts";
import { listRuns } from "../../testbed/run-directory.ts";
import type { Testbed } from "../../testbed/testbed.ts";
import type { Plan } from "../../topology/index.ts";
import { commandName } from "../command-name.ts";
import { InterruptionWatch } from "../interruption.ts";
import { progressDisplay } from "./progress-display.ts";
import { countOf, formatMilliseconds } from "../quantities.ts";
import type { JsonOption, Session } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import { readTopologyFile, type TopologyOptions } from "../topology-file.ts";

/** Options of `kestrel up`. */
export interface UpOptions extends JsonOption, TopologyOptions {
  readonly name?: string;
  readonly cold?: boolean;
  readonly accelerator: "auto" | "kvm" | "tcg";
}

/** Milliseconds for an interrupted launch to be torn down. */
const tearDownDeadlineMs = 15_000;

/** Launch a topology and wait until every node is ready; interrupted, take it down again. */
export async function up(session: Session, file: string, options: UpOptions): Promise<void> {
  const { terminal } = session;
  const { plan: declared, directory } = await readTopologyFile(file, options);
  const plan = deployStack(declared);
  const name = options.name ?? plan.name;
  const startedAt = performance.now();
  using interruption = new InterruptionWatch();
  try {
    using testbed = await launchShown(session, plan, {
      name,
      topologyDirectory: directory,
      cold: options.cold ?? false,
      accelerator: options.accelerator,
      signal: interruption.signal,
      json: options.json === true,
    });
    const status = await testbed.status();
    if (options.json === true) terminal.printJsonLine({ type: "up", status });
    else printUp(terminal, plan, status, performance.now() - startedAt);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    terminal.note(`interrupted: taking ${name} down`);
    const gone = await untilGone(name);
    terminal.note(gone ? `${name} is gone` : `${name} is still being taken down; see: ${commandName(terminal)} ls`);
    throw interruption.signal.reason;
  }
}

/** Launch, and show the events while they come. */
async function launchShown(
  { terminal }: Session,
  plan: Plan,
  { json, ...options }: LaunchOptions & { readonly name: string; readonly json: boolean },
): Promise<Testbed> {
  using display = json ? undefined : progressDisplay(options.name, terminal);
  return await launchTestbed(plan, {
    ...options,
    onEvent: (event) => {
      if (display === undefined) terminal.printJsonLine(event);
      else display.show(event);
    },
  });
}

/** Wait until no process owns a testbed of that name; false when it takes too long. */
async function untilGone(name: string): Promise<boolean> {
  const deadline = AbortSignal.timeout(tearDownDeadlineMs);
  const root = watch(runRoot());
  try {
    for (;;) {
      const changed = once(root, "change", { signal: deadline });
      // Looked at after the watch has begun, so that no change is missed.
      const run = (await listRuns()).find((listed) => listed.name === name);
      if (run === undefined || !run.alive || run.owner?.process.pid === process.pid) {
        changed.catch(() => undefined);
        return true;
      }
      await changed;
    }
  } catch (error) {
    if (deadline.aborted) return false;
    throw error;
  } finally {
    root.close();
  }
}

function printUp(terminal: Terminal, plan: Plan, status: TestbedStatus, elapsedMs: number): void {
  const { colors } = terminal;
  const clones = status.nodes.filter(({ origin }) => origin === "clone").length;
  const how = [
    status.accelerator === "kvm" ? "on KVM" : "emulated",
    ...(clones === 0
      ? []
      : [clones === status.nodes.length ? "woken from templates" : `${clones} woken from templates`]),
  ].join(", ");
  terminal.print(
    `${colors.green("✔")} ${colors.bold(status.name)} is up: ${countOf(status.nodes.length, "node")} in ${formatMilliseconds(elapsedMs)} (${how})`,
  );
  terminal.print(`\n${nextCommands(terminal, plan, status).join("\n")}`);
}

/** What a newcomer can do now, with names of this very testbed. */
function nextCommands(terminal: Terminal, plan: Plan, { name }: TestbedStatus): readonly string[] {
  const kestrel = commandName(terminal);
  const [first] = plan.nodes;
  const last = plan.nodes.at(-1);
  const wire = plan.wires.find(({ direct }) => !direct);
  const [node, target] = [first?.name ?? "NODE", last?.ports.flatMap(({ addresses }) => addresses)[0]?.split("/")[0]];
  const option = name === plan.name ? "" : ` --testbed ${name}`;
  const ping = last === undefined || last === first || target === undefined ? "ip address" : `ping -c 3 ${target}`;
  const lines: [command: string, meaning: string][] = [
    [`${kestrel} exec ${node}${option} -- ${ping}`, "run a command in a node"],
    [`${kestrel} wire ls${option}`, "what the wires have carried"],
    ...(wire === undefined
      ? []
      : ([
          [`${kestrel} wire capture ${wire.name}${option} | wireshark -k -i -`, "watch a wire"],
          [`${kestrel} wire set ${wire.name}${option} delay=20ms loss=1%`, "make it a bad one"],
        ] satisfies [string, string][])),
    [`${kestrel} console ${node}${option}`, "its serial console; Ctrl-] leaves"],
    [`${kestrel} down${option}`, "end it"],
  ];
  const width = Math.max(...lines.map(([command]) => command.length));
  return lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${terminal.colors.dim(`# ${meaning}`)}`);
}
