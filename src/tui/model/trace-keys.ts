import { goTo } from "./navigation.ts";
import { wordSearch } from "./search.ts";
import { type Overlay, say, type Step, step, type TuiState } from "./state.ts";

/** An end that a packet may be sent from or to. */
export interface EndChoice {
  /** `h1:net0`, `h2`, or an address. */
  readonly end: string;
  /** What is known of it. */
  readonly about: string;
}

type EndsOverlay = Overlay & { readonly kind: "ends" };

/** Ask for the two ends of a trace, one after the other; `from` where the first is already clear. */
export function askForEnds(state: TuiState, from?: string): Step {
  if (state.bed === undefined) return step(say(state, "attach to a testbed first", "problem"));
  const wanted = from ?? suggestedFrom(state);
  const asked = { kind: "ends", from: undefined, input: "", chosen: 0 } as const;
  if (from !== undefined) return askForSecond(state, asked, from);
  const chosen = endChoices(state, asked).findIndex(({ end }) => end === wanted);
  return step({ ...state, overlay: { ...asked, chosen: Math.max(0, chosen) } });
}

/** Trace from the selected node: its port is the first end where it has but one. */
export function traceFromSelection(state: TuiState): Step {
  const { bed, selection } = state;
  const node = selection?.kind === "node" ? bed?.plan.nodes.find(({ name }) => name === selection.name) : undefined;
  const [only, ...more] = node?.ports ?? [];
  return askForEnds(
    state,
    node === undefined || only === undefined || more.length > 0 ? undefined : `${node.name}:${only.name}`,
  );
}

/** What may be chosen now, by the words typed: first a port, then where to; an address that is typed is offered too. */
export function endChoices({ bed }: TuiState, { from, input }: EndsOverlay): readonly EndChoice[] {
  const nodes = bed?.plan.nodes ?? [];
  const ports = nodes.flatMap(({ name, ports }) =>
    ports.map(({ name: port, addresses, linkLocal }) => ({
      end: `${name}:${port}`,
      about: addresses.length > 0 ? addresses.join(" ") : linkLocal,
    })),
  );
  const home = from?.split(":")[0];
  const others = nodes
    .filter(({ name }) => name !== home)
    .map(({ name, kind }): EndChoice => ({ end: name, about: kind }));
  const all = from === undefined ? ports : others;
  const wanted = wordSearch(input);
  const shown = all.filter(({ end, about }) => wanted(`${end} ${about}`));
  const typed = input.trim();
  return from !== undefined && /^[\da-f.:]*[.:][\da-f.:]*$/i.test(typed)
    ? [...shown, { end: typed, about: "this address" }]
    : shown;
}

/** An end has been chosen: the other is asked for, or the packet is sent. */
export function takeEnd(state: TuiState, overlay: EndsOverlay): Step {
  const chosen = endChoices(state, overlay)[overlay.chosen]?.end;
  if (chosen === undefined) return step(state);
  return overlay.from === undefined ? askForSecond(state, overlay, chosen) : trace(state, overlay.from, chosen);
}

function askForSecond(state: TuiState, overlay: EndsOverlay, from: string): Step {
  const next = { ...overlay, from, input: "", chosen: 0 };
  const wanted = suggestedTo(state, from);
  const chosen = endChoices(state, next).findIndex(({ end }) => end === wanted);
  return step({ ...state, overlay: { ...next, chosen: Math.max(0, chosen) } });
}

function trace(state: TuiState, from: string, to: string): Step {
  const shown = goTo({ ...state, overlay: undefined }, "flow");
  const { flow } = shown.state;
  const next = { ...flow, trace: { from, to, lines: [], verdict: undefined }, shown: "trace" as const, scroll: 0 };
  return step({ ...shown.state, flow: next }, ...shown.effects, { type: "trace", from, to });
}

/** The port to begin with: of the selected node, or of the first that is no router and no switch. */
function suggestedFrom({ bed, selection }: TuiState): string | undefined {
  const reachable = (bed?.plan.nodes ?? []).filter(hasAddress);
  const node =
    reachable.find(({ name }) => selection?.kind === "node" && name === selection.name) ??
    reachable.find(isHost) ??
    reachable[0];
  const port = node?.ports.find(({ addresses }) => addresses.length > 0);
  return node === undefined || port === undefined ? undefined : `${node.name}:${port.name}`;
}

/** The last other node that has an address, no router or switch if there is such a one. */
function suggestedTo({ bed }: TuiState, from: string): string | undefined {
  const others = (bed?.plan.nodes ?? []).filter((node) => hasAddress(node) && node.name !== from.split(":")[0]);
  return (others.findLast(isHost) ?? others.at(-1))?.name;
}

type Node = NonNullable<TuiState["bed"]>["plan"]["nodes"][number];

function hasAddress({ ports }: Node): boolean {
  return ports.some(({ addresses }) => addresses.length > 0);
}

function isHost({ kind }: Node): boolean {
  return kind !== "router" && kind !== "switch";
}
