import { textTable } from "../../text/columns.ts";
import type { NodeView, RackStatus, RackView, WireView } from "./rack-status.ts";

/** The fabric as text: each rack with its switches, what is at their ports, and its sleds; then what does not agree. */
export function drawStatus(status: RackStatus): string {
  const sections = status.racks.map((rack) => drawRack(rack, status.wires));
  const judgement =
    status.asymmetries.length === 0
      ? "converged: every node knows and has programmed what the others originate"
      : ["not converged:", ...status.asymmetries.map((each) => `  ${each}`)].join("\n");
  return [`${status.testbed}: ${counts(status)}`, ...sections, judgement].join("\n\n");
}

function counts({ racks, wires }: RackStatus): string {
  const nodes = racks.flatMap((rack) => rack.nodes);
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
  const switches = nodes.filter(({ role }) => role === "switch").length;
  return [
    count(racks.length, "rack"),
    count(nodes.length - switches, "sled"),
    `${switches} switch${switches === 1 ? "" : "es"}`,
    count(wires.length, "wire"),
  ].join(", ");
}

const lines: Readonly<Record<WireView["state"], string>> = {
  up: "━━",
  direct: "━━",
  impaired: "╌╌",
  cut: "━╳",
  down: "━╳",
  unplugged: "━ ",
};

function drawRack({ name, prefix, nodes }: RackView, wires: readonly WireView[]): string {
  const switches = nodes.filter(({ role }) => role === "switch");
  const sleds = nodes.filter(({ role }) => role === "sled");
  const paths = sleds.flatMap(pathRows);
  const cabling = switches.flatMap((node) => cablesOf(node.name, wires));
  return [
    `${name}  ${prefix}`,
    textTable(["  NODE", "PREFIX", "STATE", "PEERS", "ROUTES", "PROGRAMMED"], [...switches, ...sleds].map(nodeRow)),
    ...(paths.length === 0 ? [] : ["", textTable(["  PATH", "TO", "DELAY", "SHARE"], paths)]),
    ...(cabling.length === 0 ? [] : ["", textTable(["  PORT", "", "PEER", "WIRE", "DDM"], cabling)]),
  ].join("\n");
}

function nodeRow(node: NodeView): readonly string[] {
  const { name, prefix, state, silence, peers, expectedPeers, routes } = node;
  if (silence !== null) return [`  ${name}`, prefix, state, "-", "-", "-"];
  const exchanging = peers.filter(({ status }) => status === "Exchange").length;
  return [
    `  ${name}`,
    prefix,
    state,
    `${exchanging}/${expectedPeers}`,
    String(routes.filter(({ known }) => known.length > 0).length),
    String(routes.filter(({ programmed }) => programmed.length > 0).length),
  ];
}

/** The measured paths of a sled. */
function pathRows({ name, paths }: NodeView): readonly (readonly string[])[] {
  return (paths ?? []).map(({ destination, interface: port, delayMs, silent, share }) => [
    `  ${name}:${port}`,
    destination,
    silent ? "silent" : delayMs === null ? "-" : `${delayMs.toFixed(1)} ms`,
    `${Math.round(100 * share)} %`,
  ]);
}

/** The wires of a switch, its own end first. */
function cablesOf(node: string, wires: readonly WireView[]): readonly (readonly string[])[] {
  return wires.flatMap(({ ends: [a, b], state, peering: [atA, atB] }) => {
    const here = a.startsWith(`${node}:`) ? a : b.startsWith(`${node}:`) ? b : undefined;
    if (here === undefined) return [];
    const [there, mine, theirs] = here === a ? [b, atA, atB] : [a, atB, atA];
    const line = lines[state];
    const ddm = mine && theirs ? "⇄" : mine ? "← only" : theirs ? "→ only" : "-";
    return [[`  ${here}`, line, there, state, ddm]];
  });
}
