import { fitLine, type Line, line, printable, span } from "../line/line.ts";
import { nodeInView } from "../model/navigation.ts";
import type { FactTable, NodeFacts, OpteSide } from "../model/node.ts";
import { durationText, shareText, shortNumber, unknown } from "../model/quantity.ts";
import type { TuiState } from "../model/state.ts";
import { instanceLines, instancesOn } from "../rack/instances.ts";
import { nodeSign, wireLabel } from "../rack/signs.ts";
import { fact, heading, type Pane } from "./pane.ts";

/** What a node is and does. Where it is what is looked at, it scrolls. */
export function factsPane(state: TuiState, width: number, height: number): Pane {
  const [title, ...lines] = factLines(state, width);
  if (title === undefined) return { lines: [] };
  const room = height - 1;
  const first = state.node.tab === "facts" ? Math.max(0, Math.min(state.node.scroll, lines.length - room)) : 0;
  const hidden = Math.max(0, lines.length - room - first);
  const last =
    hidden === 0
      ? []
      : [line(span(`  … ${hidden + 1} more lines${state.node.tab === "facts" ? ": ↓" : ": o"}`, "muted"))];
  return { lines: [title, ...lines.slice(first, first + room - last.length), ...last] };
}

/** State, machine, ports, routes, services, and what daemons of the node tell, a line each. */
export function factLines(state: TuiState, width: number): readonly Line[] {
  const { bed } = state;
  const name = nodeInView(state);
  const node = name === undefined ? undefined : bed?.nodes.get(name);
  const plan = bed?.plan.nodes.find((each) => each.name === name);
  if (bed === undefined || node === undefined || plan === undefined) return [];
  const facts = state.node.facts?.node === name ? state.node.facts : undefined;
  const { sign, role } = nodeSign(node.state);
  const { status } = node;
  const ports = plan.ports.flatMap((port): readonly Line[] => {
    const now = status?.ports.find((each) => each.name === port.name);
    const wire = now?.wire ?? (port.attachment.type === "wire" ? port.attachment.wire : null);
    const label = wire === null ? undefined : wireLabel(bed.wires.get(wire));
    return [
      line(
        span(`  ${port.name.padEnd(9)} `, "title"),
        label === undefined ? span("unplugged", "muted") : span(label.text.padEnd(8), label.role),
        span(` ${(port.addresses.length > 0 ? port.addresses : [port.linkLocal]).join(" ")}`),
      ),
    ];
  });
  const lines: Line[] = [
    heading(node.name, width, plan.kind),
    fact(
      "state",
      span(`${sign} ${node.state}`, role),
      node.message === undefined ? "" : span(`  ${node.message.split("\n")[0] ?? ""}`),
    ),
    ...machineLines(state, facts),
    line(span("ports", "muted")),
    ...ports,
    ...instanceLines(instancesOn(bed, node.name)),
    ...listLines("routes", facts?.routes),
    ...serviceLines(facts),
    ...opteLines(facts?.optePorts),
    ...(facts?.tables ?? []).flatMap((table) => tableLines(table, width)),
  ];
  return lines.map((each) => fitLine(each, width));
}

function machineLines(state: TuiState, facts: NodeFacts | undefined): readonly Line[] {
  const name = nodeInView(state);
  const status = name === undefined ? undefined : state.bed?.nodes.get(name)?.status;
  const used =
    facts?.memory === undefined
      ? unknown
      : `${Math.round(facts.memory.usedKiB / 1024)} of ${Math.round(facts.memory.totalKiB / 1024)} MiB`;
  const cpus = status === undefined ? "" : ` of ${status.cpus} CPU${status.cpus === 1 ? "" : "s"}`;
  const origin = status?.origin === "clone" ? "woke from a template" : status?.origin === "boot" ? "booted" : unknown;
  const after = status?.readyAfterMs ?? undefined;
  return [
    fact(
      "CPU",
      span(`${shareText(facts?.cpu)}${cpus}`),
      facts?.load === undefined ? "" : span(`, load ${facts.load}`, "muted"),
    ),
    fact("memory", span(used)),
    fact(
      "machine",
      span(`${origin}${after === undefined ? "" : `, ready after ${durationText(after)}`}`),
      status?.pid === undefined || status.pid === null ? "" : span(`, process ${status.pid}`, "muted"),
    ),
  ];
}

function listLines(title: string, items: readonly string[] | undefined): readonly Line[] {
  if (items === undefined || items.length === 0) return [];
  return [line(span(title, "muted")), ...items.map((item) => line(span(`  ${printable(item)}`)))];
}

function serviceLines(facts: NodeFacts | undefined): readonly Line[] {
  if (facts?.services === undefined || facts.services.length === 0) return [];
  return [
    line(span("services", "muted")),
    ...facts.services.map(({ name, state, pid, restarts, exit }) => {
      // What was to run once and has run well.
      const isDone = state === "failed" && exit?.exitCode === 0;
      const role = state === "running" || isDone ? "good" : state === "failed" ? "bad" : "warning";
      const sign = isDone ? "✔" : state === "running" ? "●" : state === "failed" ? "✖" : "■";
      return line(
        span(`  ${sign} `, role),
        span(name.padEnd(12)),
        span(` ${isDone ? "done" : state}`, role),
        span(
          `${pid === null ? "" : `, process ${pid}`}${restarts === 0 ? "" : `, restarted ${restarts} times`}`,
          "muted",
        ),
      );
    }),
  ];
}

function opteLines(ports: NodeFacts["optePorts"]): readonly Line[] {
  if (ports === undefined) return [];
  if (ports.length === 0) return [line(span("OPTE ports", "muted"), span("  none"))];
  const sideLines = (name: string, side: OpteSide | undefined): readonly Line[] => [
    line(
      span(`    ${name.padEnd(4)}`, "muted"),
      span(`${shortNumber(side?.hits)} hits, ${shortNumber(side?.misses)} misses, `),
      span(`${shortNumber(side?.dropped)} dropped`, (side?.dropped ?? 0) > 0 ? "bad" : "plain"),
    ),
    ...(side?.reasons ?? []).map(({ count, text }) =>
      line(span(`      ▲ ${shortNumber(count)} `, "warning"), span(printable(text))),
    ),
  ];
  return [
    line(span("OPTE ports", "muted")),
    ...ports.flatMap((port) => [
      line(
        span(`  ${port.state === "running" ? "●" : "■"} `, port.state === "running" ? "good" : "warning"),
        span(port.name, "title"),
        span(` ${port.state}  ${port.addresses.join(" ")}`),
        span(`  VNI ${port.vni}`, "muted"),
      ),
      ...sideLines("in", port.in),
      ...sideLines("out", port.out),
    ]),
  ];
}

function tableLines({ title, rows }: FactTable, width: number): readonly Line[] {
  const [first] = rows;
  if (first === undefined) return [line(span(title, "muted"), span("  none"))];
  const columns = Object.keys(first);
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => (row[column] ?? "").length)));
  const text = (cells: readonly string[]): string =>
    cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ");
  return [
    line(span(title, "muted")),
    fitLine(line(span(`  ${text(columns)}`, "muted")), width),
    ...rows.map((row) => line(span(`  ${text(columns.map((column) => printable(row[column] ?? unknown)))}`))),
  ];
}
