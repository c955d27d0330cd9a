import type { NodeState } from "../../testbed/protocol.ts";
import { countOf, formatMilliseconds } from "../quantities.ts";
import { fit } from "../../text/columns.ts";
import type { Colors } from "../terminal.ts";
import type { LaunchProgress, NodeProgress } from "./launch-progress.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const barCells = 20;
/** Nodes shown one a line; the rest is counted. */
const shownNodes = 12;

/** What the live view is drawn for. */
export interface LiveFrame {
  readonly columns: number;
  /** Counts up with every redraw; turns the spinner. */
  readonly tick: number;
  readonly colors: Colors;
}

/** The lines of the live view of a launch, none wider than the terminal. */
export function renderLive(name: string, progress: LaunchProgress, frame: LiveFrame): readonly string[] {
  const { colors, columns } = frame;
  const turning = spinner[frame.tick % spinner.length] ?? "·";
  const width = columns - 1;
  const title = fit(`${name}: ${progress.message} · ${formatMilliseconds(progress.elapsedMs)}`, width - 2);
  const steps = [...progress.steps].map(([step, { message, fraction }]) => {
    const bar = fraction === undefined ? "" : ` ${progressBar(fraction)}`;
    return `  ${fit(`${turning} ${step}${bar} ${message}`, width - 2)}`;
  });
  return [`${colors.cyan(turning)} ${colors.bold(title)}`, ...steps, ...nodeLines(progress, frame, turning, width)];
}

function nodeLines(progress: LaunchProgress, { colors }: LiveFrame, turning: string, width: number): readonly string[] {
  const nodes = [...progress.nodes];
  const nameWidth = Math.max(0, ...nodes.map(([name]) => name.length));
  const line = ([name, node]: readonly [string, NodeProgress]): string => {
    const mark = markOf(node.state, turning, colors);
    const message = node.message === undefined ? "" : `  ${node.message.split("\n")[0] ?? ""}`;
    const text = `${name.padEnd(nameWidth)}  ${node.state.padEnd(11)}${message}`.trimEnd();
    return `  ${mark} ${fit(text, width - 4)}`;
  };
  if (nodes.length <= shownNodes) return nodes.map(line);
  // Those that move are interesting; those that wait or are done are counted.
  const moving = nodes.filter(([, { state }]) => state !== "ready" && state !== "waiting");
  const ready = nodes.filter(([, { state }]) => state === "ready").length;
  const counted = `${ready} of ${countOf(nodes.length, "node")} ready`;
  const hidden = moving.length > shownNodes ? [`  … and ${moving.length - shownNodes} more`] : [];
  return [`  ${fit(counted, width - 2)}`, ...moving.slice(0, shownNodes).map(line), ...hidden];
}

function markOf(state: NodeState, turning: string, colors: Colors): string {
  switch (state) {
    case "ready":
      return colors.green("✔");
    case "failed":
      return colors.red("✖");
    case "waiting":
      return colors.dim("·");
    case "paused":
    case "stopped":
      return colors.yellow("■");
    case "starting":
    case "identifying":
    case "settling":
      return colors.cyan(turning);
  }
}

function progressBar(fraction: number): string {
  const share = Math.min(1, Math.max(0, fraction));
  const full = Math.round(share * barCells);
  return `${"█".repeat(full)}${"░".repeat(barCells - full)} ${String(Math.round(share * 100)).padStart(3)} %`;
}
