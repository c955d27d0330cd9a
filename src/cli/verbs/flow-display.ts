import { LaunchProgress as SlowLaunch } from "../../flow/launch-progress.ts";
import type { RunEvent } from "../../flow/run/run-events.ts";
import type { FlowRound, RunFault } from "../../flow/run/run-record.ts";
import { LiveArea } from "../launch/live-area.ts";
import { advance, launchBegins, type LaunchProgress } from "../launch/launch-progress.ts";
import { renderLive } from "../launch/live-view.ts";
import { countOf, formatMilliseconds } from "../quantities.ts";
import { fit } from "../../text/columns.ts";
import type { Colors, Terminal } from "../terminal.ts";

/** Shows a run of flows while it goes on. Nothing may print on standard error beside it until it is disposed. */
export interface FlowDisplay extends Disposable {
  show(event: RunEvent): void;
}

/** For a person at a terminal what runs now is redrawn below the lines of what has ended; elsewhere there are only lines. */
export function flowDisplay(terminal: Terminal): FlowDisplay {
  return terminal.isLive ? new LiveFlowDisplay(terminal) : new LineFlowDisplay(terminal);
}

class LineFlowDisplay implements FlowDisplay {
  readonly #terminal: Terminal;
  /** A launch that takes minutes must not look like a hang; one that takes seconds is worth one line. */
  readonly #launches = new Map<string, SlowLaunch>();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(event: RunEvent): void {
    for (const line of lastingLines(event, this.#terminal.errorColors)) this.#terminal.note(line);
    if (event.type !== "testbed") return;
    const launch = this.#launches.get(event.testbed) ?? new SlowLaunch(`  ${event.testbed}`, this.#note);
    this.#launches.set(event.testbed, launch);
    launch.follow(event.event);
  }

  readonly #note = (line: string): void => {
    this.#terminal.note(this.#terminal.errorColors.dim(line));
  };

  [Symbol.dispose](): void {
    // Lines stay.
  }
}

class LiveFlowDisplay implements FlowDisplay {
  readonly #colors: Colors;
  readonly #area: LiveArea;
  readonly #launches = new Map<string, LaunchProgress>();
  #running: { readonly text: string; readonly since: number } | undefined;
  #step = "";
  readonly #count = { passed: 0, failed: 0, skipped: 0 };

  constructor(terminal: Terminal) {
    this.#colors = terminal.errorColors;
    this.#area = new LiveArea(terminal, (frame) => this.#lines(frame));
  }

  show(event: RunEvent): void {
    switch (event.type) {
      case "testbed":
        this.#launches.set(event.testbed, advance(this.#launches.get(event.testbed) ?? launchBegins, event.event));
        break;
      case "testbed-launched":
        this.#launches.delete(event.testbed);
        break;
      case "flow-begins":
        this.#running = { text: `${event.flow.file} › ${event.flow.name}`, since: performance.now() };
        this.#step = "";
        break;
      case "flow-ends":
        this.#running = undefined;
        this.#count[event.round.state] += 1;
        break;
      case "step":
        this.#step = event.step.text;
        break;
      case "begins":
      case "round":
      case "testbed-kept":
      case "fault":
      case "output":
    }
    this.#area.draw(lastingLines(event, this.#colors));
  }

  #lines({ columns, tick }: { readonly columns: number; readonly tick: number }): readonly string[] {
    const colors = this.#colors;
    const launches = [...this.#launches].flatMap(([name, progress]) =>
      renderLive(name, progress, { columns, tick, colors }),
    );
    const { passed, failed } = this.#count;
    const counted = [`${passed} passed`, ...(failed === 0 ? [] : [`${failed} failed`])].join(", ");
    if (this.#running === undefined) return [...launches, colors.dim(counted)];
    const elapsed = formatMilliseconds(performance.now() - this.#running.since);
    const width = columns - 1;
    return [
      ...launches,
      `${colors.cyan("▶")} ${fit(`${this.#running.text} · ${elapsed}`, width - 2)}`,
      ...(this.#step === "" ? [] : [colors.dim(`  ${fit(this.#step, width - 2)}`)]),
      colors.dim(counted),
    ];
  }

  [Symbol.dispose](): void {
    this.#area[Symbol.dispose]();
  }
}

/** What stays on the screen of an event. */
export function lastingLines(event: RunEvent, colors: Colors): readonly string[] {
  switch (event.type) {
    case "begins": {
      const rounds =
        event.rounds === undefined ? ", until one fails" : event.rounds > 1 ? `, ${event.rounds} rounds` : "";
      return [colors.dim(`seed ${event.seed}, ${countOf(event.files, "flow file")}${rounds}`)];
    }
    case "round":
      return event.round === 1 ? [] : [colors.dim(`round ${event.round}`)];
    case "testbed-launched":
      return [colors.dim(`  testbed ${event.testbed} is up after ${formatMilliseconds(event.tookMs)}`)];
    case "testbed-kept":
      return [colors.yellow(`  testbed ${event.testbed} stays up${event.frozen ? ", every machine paused" : ""}`)];
    case "flow-ends":
      return roundLines(`${event.flow.file} › ${event.flow.name}`, event.round, colors);
    case "fault":
      return faultLines(event.fault, colors);
    case "output":
      return event.text.trimEnd().split("\n");
    case "flow-begins":
    case "testbed":
    case "step":
      return [];
  }
}

function roundLines(name: string, round: FlowRound, colors: Colors): readonly string[] {
  const took = colors.dim(formatMilliseconds(round.durationMs));
  if (round.state === "skipped") {
    const note = round.note === undefined ? "" : `: ${round.note}`;
    return [`${colors.yellow("↓")} ${name} ${colors.dim(`skipped${note}`)}`];
  }
  const left = round.leftBehind.map((change) => colors.yellow(`    left behind: ${change}`));
  if (round.state === "passed") return [`${colors.green("✔")} ${name} ${took}`, ...left];
  const reasons = round.failures.flatMap((failure) => failureLines(failure, colors));
  const underWay = round.underWay.map((step) => `    when it ended it was busy: ${step}`);
  return [`${colors.red("✖")} ${colors.bold(name)} ${took}`, ...reasons, ...underWay, ...left];
}

/** A fault of the run as lines. */
export function faultLines(fault: RunFault, colors: Colors): readonly string[] {
  return [`${colors.red("✖")} ${colors.bold(fault.file ?? "run")}`, ...failureLines(fault, colors)];
}

/** A failure as lines: what, where, the code, the difference. */
export function failureLines(
  { message, location, codeFrame, diff }: FlowRound["failures"][number],
  colors: Colors,
): readonly string[] {
  const place = location === undefined ? [] : [`at ${location.file}:${location.line}:${location.column}`];
  const indented = (text: string): readonly string[] => text.split("\n").map((line) => `    ${line}`.trimEnd());
  return [
    ...indented(message).map((line, index) => (index === 0 ? colors.red(line) : line)),
    ...(diff === undefined ? [] : indented(diff)),
    ...place.flatMap(indented).map((line) => colors.dim(line)),
    ...(codeFrame === undefined ? [] : indented(codeFrame).map((line) => colors.dim(line))),
  ];
}
