import { during } from "../../flow/fault/index.ts";
import { scheduleLengthMs } from "../../flow/fault/schedule.ts";
import { FlowTestbed } from "../../flow/flow-testbed.ts";
import { type FlowStep, onStep } from "../../flow/timeline.ts";
import type { Testbed } from "../../testbed/testbed.ts";
import { type FaultWords, isWireKind, parseFault } from "../fault-words.ts";
import { InterruptionWatch } from "../interruption.ts";
import { secondsAsMilliseconds } from "../option-values.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import { chosenDirection, type DirectionChoice, findWire } from "../wire-selection.ts";

/** Options of `kestrel fault`. */
export interface FaultOptions extends TestbedOption, JsonOption, DirectionChoice {
  readonly for?: string;
}

/** Break something of a running testbed, and heal it after a time or when interrupted. */
export async function fault(session: Session, words: FaultWords, options: FaultOptions): Promise<void> {
  const { terminal } = session;
  const durationMs = options.for === undefined ? undefined : secondsAsMilliseconds(options.for, "--for");
  const direction = chosenDirection(options);
  // What is wrong with the words themselves needs no testbed to be seen.
  parseFault({ ...words, direction });
  using interruption = new InterruptionWatch();
  using testbed = await session.testbed(options);
  const broken = parseFault({ ...words, direction, target: await targetOf(testbed, words) });
  const schedule = durationMs === undefined ? broken : during(broken, { durationMs });
  await using stack = new AsyncDisposableStack();
  stack.defer(
    onStep((step) => {
      tell(terminal, step, options);
    }),
  );
  const bed = stack.use(new FlowTestbed(testbed, 0, () => Promise.resolve()));
  if (Number.isFinite(scheduleLengthMs(schedule))) {
    await bed.campaign(schedule, { signal: interruption.signal });
    return;
  }
  await bed.break(schedule);
  if (options.json !== true) terminal.note(terminal.errorColors.dim("until interrupted: Ctrl-C heals it"));
  await ended(testbed, interruption.signal);
}

async function targetOf({ wires }: Testbed, { target, kind }: FaultWords): Promise<string> {
  return isWireKind(kind) ? findWire((await wires.list()).wires, target).name : target;
}

/** Resolves when the user has had enough, or the testbed has ended. */
async function ended(testbed: Testbed, signal: AbortSignal): Promise<void> {
  try {
    for await (const _event of testbed.events({ since: Number.MAX_SAFE_INTEGER, signal }));
  } catch (error) {
    const lives = await testbed.status().then(
      () => true,
      () => false,
    );
    if (lives && !signal.aborted) throw error;
  }
}

function tell(terminal: Terminal, { kind, text, outcome, ...step }: FlowStep, { json }: JsonOption): void {
  const { colors } = terminal;
  if (json === true) terminal.printJsonLine({ kind, text, outcome, ...step });
  // What fails is the error that the command ends with.
  else if (outcome === "failed") return;
  else if (kind === "fault") terminal.print(`${colors.red("✗")} ${text}`);
  else if (kind === "heal") terminal.print(`${colors.green("✔")} ${text}`);
}
