import { fitLine, type Line, line, span, wrapText } from "../line/line.ts";
import { newBed } from "../model/bed.ts";
import { launchChoices } from "../model/choice.ts";
import { launchShare, type LaunchUnderWay, type TopologyEntry, whyWaiting } from "../model/launch.ts";
import { countText, durationText } from "../model/quantity.ts";
import type { Plan } from "../model/public-api.ts";
import type { TuiState } from "../model/state.ts";
import { wiresOfPlan } from "../model/wire.ts";
import { drawRack } from "../rack/drawing.ts";
import { nodeSign } from "../rack/signs.ts";
import { around, fact, heading, type Pane } from "./pane.ts";

/** What may be attached to or launched. */
export function choicesPane(state: TuiState, width: number, height: number): Pane {
  const { topologies, chosen } = state.launch;
  const choices = launchChoices(state);
  if (topologies === undefined && choices.length === 0)
    return { lines: [heading("launch", width), line(span("looks for topologies …", "muted"))] };
  if (choices.length === 0)
    return {
      lines: [
        heading("launch", width),
        ...wrapText(
          "No testbed runs, and there is no topology here: a topology is a .yaml file with nodes, in this folder or in topologies/.",
          width,
        ).map((text) => line(text)),
      ],
    };
  const rows = choices.map((choice, index): Line => {
    const mark = index === chosen ? span("▶ ", "key") : span("  ");
    if (choice.kind === "bed") {
      const attached = state.bed?.name === choice.name ? "attached" : "runs";
      return line(
        mark,
        span("● ", "good"),
        span(choice.name, index === chosen ? "selected" : "title"),
        span(`  ${attached}`, "muted"),
      );
    }
    const entry = topologies?.[choice.index];
    return line(
      mark,
      span("  "),
      span(entry?.label ?? "", index === chosen ? "selected" : "plain"),
      entry?.own === true ? span("  of Kestrel", "muted") : "",
      entry?.plan === undefined ? span("  ✖ faults", "bad") : "",
    );
  });
  const { first, shown } = around(rows, chosen, height - 1);
  return {
    lines: [heading("testbeds and topologies", width), ...shown],
    targets: shown.map((_, y) => ({
      area: { x: 0, y: y + 1, width, height: 1 },
      click: { type: "choose", index: first + y, open: first + y === chosen },
    })),
  };
}

/** What the chosen topology is, drawn. */
export function previewPane(state: TuiState, width: number, height: number): Pane {
  const choice = launchChoices(state)[state.launch.chosen];
  if (choice === undefined) return { lines: [] };
  if (choice.kind === "bed")
    return {
      lines: [
        heading(choice.name, width),
        line("This testbed runs."),
        line(span("enter", "key"), " attaches to it, ", span("x", "key"), " ends it."),
      ],
    };
  const entry = state.launch.topologies?.[choice.index];
  if (entry === undefined) return { lines: [] };
  if (entry.plan === undefined)
    return {
      lines: [
        heading(entry.label, width),
        ...wrapText(entry.problem ?? "", width).map((text) => line(span(text, "bad"))),
      ].slice(0, height),
    };
  const about = wrapText(entry.about, width)
    .filter((text) => text !== "")
    .slice(0, 4);
  const head = [
    heading(entry.plan.name, width),
    ...about.map((text) => line(span(text, "muted"))),
    ...figures(entry, entry.plan),
  ];
  const preview = newBed(entry.plan.name, entry.plan, wiresOfPlan(entry.plan));
  const room = height - head.length;
  const drawing = room < 3 ? [] : drawRack(preview, undefined, width, room).lines;
  return { lines: [...head, ...drawing].slice(0, height) };
}

function figures({ expectedMs }: TopologyEntry, plan: Plan): readonly Line[] {
  const memory = plan.nodes.reduce((sum, node) => sum + node.memoryMiB, 0);
  const segments = plan.segments.length === 0 ? "" : `, ${countText(plan.segments.length, "segment")}`;
  return [
    fact(
      "made of",
      span(`${countText(plan.nodes.length, "node")}, ${countText(plan.wires.length, "wire")}${segments}`),
    ),
    fact("memory", span(`${memory} MiB at most`)),
    fact(
      "time",
      expectedMs === undefined
        ? span("not known: it was not launched here yet", "muted")
        : span(`about ${durationText(expectedMs)}, as before`),
    ),
  ];
}

/** A launch under way: the phase, its steps, and every node with what it does or waits for. */
export function bringUpPane({ launch, now }: TuiState, width: number, height: number): Pane {
  const { underWay } = launch;
  if (underWay === undefined) return { lines: [] };
  const { bed, failure } = underWay;
  const head: Line[] = [
    heading(
      `launch of ${bed.name}`,
      width,
      durationText(failure === undefined ? now - underWay.begunAt : bed.elapsedMs),
    ),
    progressLine(underWay, now, width),
    fact("phase", span(bed.phase === "" ? "start" : bed.phase, "title"), span(`  ${bed.phaseMessage}`)),
    ...[...bed.steps].map(([step, { message, fraction }]) =>
      fact(
        "",
        span(`${step}: ${message}`),
        fraction === undefined ? "" : span(`  ${Math.round(fraction * 100)} %`, "busy"),
      ),
    ),
    [],
  ];
  const fault = failure === undefined ? [] : [[], ...wrapText(failure, width).map((text) => line(span(text, "bad")))];
  const nameWidth = Math.max(4, ...[...bed.nodes.keys()].map((name) => name.length));
  const nodes = [...bed.nodes.values()].map((node): Line => {
    const { sign, role } = nodeSign(node.state);
    const since = node.since === undefined ? "" : durationText(node.since);
    return line(
      span(` ${sign} `, role),
      span(node.name.padEnd(nameWidth)),
      span(`  ${(node.state === "unknown" ? "not begun" : node.state).padEnd(12)}`, role),
      span(since.padEnd(12), "muted"),
      span(whyWaiting(bed, node.name) ?? "", node.state === "failed" ? "bad" : "plain"),
    );
  });
  const room = Math.max(1, height - head.length - fault.length);
  const shown = nodes.length <= room ? nodes : interesting(nodes, bed, room);
  return { lines: [...head, ...shown, ...fault].slice(0, height).map((each) => fitLine(each, width)) };
}

function progressLine({ bed, failure, expectedMs, begunAt }: LaunchUnderWay, now: number, width: number): Line {
  if (failure !== undefined) return line(span("✖ it did not come up; nothing of it is left but its logs", "bad"));
  const share = launchShare(bed);
  const cells = Math.max(10, Math.min(40, width - 40));
  const full = Math.round(share * cells);
  const ready = [...bed.nodes.values()].filter(({ state }) => state === "ready").length;
  const left =
    expectedMs === undefined ? "" : `, about ${durationText(Math.max(0, expectedMs - (now - begunAt)))} to go`;
  return line(
    span("█".repeat(full), "good"),
    span("░".repeat(cells - full), "muted"),
    span(`  ${ready} of ${countText(bed.nodes.size, "node")} ready${left}`),
  );
}

/** Where not all nodes fit, those that are not ready are what is looked for. */
function interesting(nodes: readonly Line[], bed: LaunchUnderWay["bed"], room: number): readonly Line[] {
  const states = [...bed.nodes.values()].map(({ state }) => state);
  const moving = nodes.filter((_, index) => states[index] !== "ready");
  const shown = (moving.length === 0 ? nodes : moving).slice(0, room - 1);
  return [...shown, line(span(` … and ${nodes.length - shown.length} more`, "muted"))];
}
