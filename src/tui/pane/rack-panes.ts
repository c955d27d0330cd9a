import { fitLine, type Line, line, span } from "../line/line.ts";
import type { BedView } from "../model/bed.ts";
import { bitsText, countText, durationText, shareText, shortNumber, sparkline } from "../model/quantity.ts";
import type { TuiState } from "../model/state.ts";
import { type DirectionView, droppedFrames, type WireView, wireFaults } from "../model/wire.ts";
import { drawRack } from "../rack/drawing.ts";
import { instanceRow, instancesOn } from "../rack/instances.ts";
import { lineRole, nodeSign, wireLabel } from "../rack/signs.ts";
import { around, heading, type Pane } from "./pane.ts";
import { describeImpairments } from "../../topology/impairments.ts";

/** The drawing of the testbed. A click selects, a click on what is selected opens. */
export function drawingPane({ bed, selection }: TuiState, width: number, height: number): Pane {
  if (bed === undefined) return { lines: [] };
  const { lines, spots } = drawRack(bed, selection, width, height);
  return {
    lines,
    targets: spots.map((spot) => ({
      area: spot.area,
      click: {
        type: "select",
        selection: spot.selection,
        open: spot.selection.kind === selection?.kind && spot.selection.name === selection.name,
      },
    })),
  };
}

/** Every wire with its rate each way and its loss. */
export function wireListPane({ bed, selection }: TuiState, width: number, height: number): Pane {
  if (bed === undefined) return { lines: [] };
  const wires = [...bed.wires.values()];
  const nameWidth = width - 23;
  const chosen = selection?.kind === "wire" ? wires.findIndex(({ name }) => name === selection.name) : -1;
  const rows = wires.map((wire, index): Line => {
    const faults = wireFaults(wire);
    const note = wire.direct
      ? span("direct".padStart(21), "muted")
      : faults.includes("down") || faults.some((fault) => fault.startsWith("cut"))
        ? span(`✖ ${faults.join(", ")}`.padStart(21), "bad")
        : span(
            `${shortNumber(wire.aToB.rate?.framesPerSecond).padStart(7)}${shortNumber(wire.bToA.rate?.framesPerSecond).padStart(7)}${lossText(wire).padStart(7)}`,
            lineRole(wire),
          );
    return line(...fitLine(line(span(wire.name, index === chosen ? "selected" : "plain")), nameWidth), " ", note);
  });
  const { first, shown } = around(rows, chosen, height - 2);
  return {
    lines: [
      heading("wires", width),
      fitLine(
        line(
          span(`${"".padEnd(nameWidth)} ${"→ fr/s".padStart(7)}${"← fr/s".padStart(7)}${"loss".padStart(7)}`, "muted"),
        ),
        width,
      ),
      ...shown,
    ],
    targets: shown.flatMap((_, y) => {
      const name = wires[first + y]?.name;
      return name === undefined
        ? []
        : [
            {
              area: { x: 0, y: y + 2, width, height: 1 },
              click: { type: "select", selection: { kind: "wire", name }, open: first + y === chosen } as const,
            },
          ];
    }),
  };
}

/** What is selected, in a few lines; without a selection, the testbed. */
export function detailPane(state: TuiState, width: number): Pane {
  const { bed, selection } = state;
  if (bed === undefined) return { lines: [] };
  const wire = selection?.kind === "wire" ? bed.wires.get(selection.name) : undefined;
  if (wire !== undefined) return { lines: wireLines(wire, width) };
  const node = selection?.kind === "node" ? bed.nodes.get(selection.name) : undefined;
  return { lines: node === undefined ? bedLines(bed, width) : nodeLines(bed, node.name, width) };
}

function bedLines(bed: BedView, width: number): readonly Line[] {
  const ready = [...bed.nodes.values()].filter(({ state }) => state === "ready").length;
  return [
    heading(bed.name, width),
    line(`${ready} of ${countText(bed.nodes.size, "node")} ready, ${countText(bed.wires.size, "wire")}`),
    ...(bed.failure === undefined ? [] : [line(span(bed.failure, "bad"))]),
  ];
}

function nodeLines(bed: BedView, name: string, width: number): readonly Line[] {
  const node = bed.nodes.get(name);
  const plan = bed.plan.nodes.find((each) => each.name === name);
  if (node === undefined || plan === undefined) return [];
  const { sign, role } = nodeSign(node.state);
  const { status } = node;
  const from = status?.origin === "clone" ? "woke from a template" : status?.origin === "boot" ? "booted" : "";
  const after =
    status?.readyAfterMs === undefined || status.readyAfterMs === null
      ? ""
      : `, ready after ${durationText(status.readyAfterMs)}`;
  const ports = plan.ports.slice(0, 3).map(({ name: port, addresses, attachment, linkLocal }): Line => {
    const now = status?.ports.find((each) => each.name === port);
    const wire =
      now === undefined ? (attachment.type === "wire" ? attachment.wire : undefined) : (now.wire ?? undefined);
    const label = wire === undefined ? undefined : wireLabel(bed.wires.get(wire));
    return line(
      span(`${port.padEnd(10)} `, "title"),
      label === undefined ? span("unplugged ", "muted") : span(label.text.padEnd(10), label.role),
      span(addresses.length > 0 ? addresses.join(" ") : linkLocal),
    );
  });
  const instances = instancesOn(bed, name);
  const more = plan.ports.length > 3 ? `, ${plan.ports.length - 3} more ports` : "";
  return [
    heading(name, width, plan.kind),
    line(
      span(`${sign} ${node.state}`, role),
      node.message === undefined ? "" : `: ${node.message.split("\n")[0] ?? ""}`,
      span(`  ${from}${after}${more}`, "muted"),
    ),
    ...ports,
    ...(instances.length === 0
      ? []
      : [line(span("instances  ", "title"), span(instanceRow(instances, Math.max(0, width - 11))))]),
  ].map((each) => fitLine(each, width));
}

function wireLines(wire: WireView, width: number): readonly Line[] {
  const faults = wireFaults(wire);
  const [a, b] = wire.ends;
  if (wire.direct)
    return [
      heading(wire.name, width),
      line("direct: it does not pass the patch panel, so nothing of it is counted, recorded or impaired"),
    ];
  const state = wire.up === undefined ? "state not known yet" : faults.length === 0 ? "up, clean" : faults.join(", ");
  return [
    heading(wire.name, width, state),
    ...directionLines(`${a} → ${b}`, wire.aToB, width),
    ...directionLines(`${b} → ${a}`, wire.bToA, width),
  ].map((each) => fitLine(each, width));
}

/** A direction in two lines: its rate, loss and graph, and what it does to frames. */
export function directionLines(title: string, direction: DirectionView, width: number): readonly Line[] {
  const { rate, settings, counters, history } = direction;
  const dropped = counters === undefined ? undefined : droppedFrames(counters);
  const graph = sparkline(history, Math.max(0, Math.min(60, width - title.length - 46)));
  return [
    line(
      span(title, "title"),
      span(
        `  ${`${shortNumber(rate?.framesPerSecond)} frames/s`.padStart(14)} ${bitsText(rate?.bitsPerSecond).padStart(11)}  loss ${shareText(rate?.loss).padEnd(5)} `,
      ),
      span(graph, "busy"),
    ),
    line(
      span("  "),
      span(
        `${shortNumber(counters?.frames)} frames in, ${shortNumber(counters?.deliveredFrames)} out, ${shortNumber(dropped)} dropped`,
        dropped === undefined || dropped === 0 ? "muted" : "warning",
      ),
      settings === undefined ? "" : span(`  ${describeImpairments(settings)}`, "warning"),
    ),
  ];
}

function lossText({ aToB, bToA }: WireView): string {
  const losses = [aToB.rate?.loss, bToA.rate?.loss].filter((loss) => loss !== undefined);
  return shareText(losses.length === 0 ? undefined : Math.max(...losses));
}
