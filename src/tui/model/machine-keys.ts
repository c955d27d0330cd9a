import { impairmentWords } from "../../topology/impairments.ts";
import type { DirectionName, DirectionSettings, NodeVerb } from "./public-api.ts";
import { type Binding, step, type TuiState } from "./state.ts";
import type { WireView } from "./wire.ts";

/** Keys for the machine of a node: they break it and bring it back. */
export function machineBindings(state: TuiState, node: string): readonly Binding[] {
  const now = state.bed?.nodes.get(node)?.state;
  const act = (key: string, verb: NodeVerb, title: string): Binding => ({
    keys: [key],
    title: `${title} ${node}`,
    footer: key === "p" ? title : undefined,
    run: () => step(state, { type: "act", node, verb }),
  });
  const confirmed = (key: string, verb: NodeVerb, title: string): Binding => ({
    keys: [key],
    title: `${title} ${node}`,
    run: () =>
      step({
        ...state,
        overlay: { kind: "confirm", question: `${title} ${node}?`, effects: [{ type: "act", node, verb }] },
      }),
  });
  return [
    now === "paused" ? act("p", "resume", "resume") : act("p", "pause", "pause"),
    ...(now === "stopped" || now === "failed" ? [act("s", "start", "start")] : []),
    confirmed("K", "kill", "kill"),
    confirmed("P", "power-cycle", "power-cycle"),
    confirmed("R", "reboot", "reboot"),
  ];
}

/** Keys for a cable: they take its carrier, silence it, make it flap. */
export function cableBindings(state: TuiState, name: string): readonly Binding[] {
  const wire = state.bed?.wires.get(name);
  if (wire === undefined || wire.direct) return [];
  const isCut = wire.aToB.settings?.cut === true || wire.bToA.settings?.cut === true;
  const flaps = state.wire.flapping.includes(name);
  const present = impairmentsOf(wire, state.wire.direction);
  return [
    {
      keys: ["d"],
      title: wire.up === false ? "give the carrier back" : "take the carrier (down)",
      footer: wire.up === false ? "up" : "down",
      run: () => step(state, { type: "carrier", wire: name, up: wire.up === false }),
    },
    {
      keys: ["c"],
      title: isCut ? "mend" : "cut: silence, the carrier stays",
      footer: isCut ? "mend" : "cut",
      run: () => step(state, { type: "silence", wire: name, cut: !isCut }),
    },
    {
      keys: ["f"],
      title: flaps ? "stop flapping" : "flap",
      footer: flaps ? "stop" : "flap",
      run: () => step(state, { type: "flap", wire: name, on: !flaps }),
    },
    {
      keys: ["i"],
      title: "impair",
      footer: "impair",
      run: () =>
        step({
          ...state,
          overlay: {
            kind: "input",
            purpose: "impairments",
            label: `impair ${name}${state.wire.direction === undefined ? "" : ` (${state.wire.direction})`}, like delay=20ms loss=1% rate=10Mbit/s, or clean`,
            input: present === "" ? "" : `${present} `,
            replaces: present !== "",
          },
        }),
    },
  ];
}

/** What a wire does in one direction, or in both if they are alike, as it is typed: edited and entered, it is what is set. */
function impairmentsOf({ aToB, bToA }: WireView, direction: DirectionName | undefined): string {
  const words = (one: DirectionSettings | undefined): string => (one === undefined ? "" : impairmentWords(one));
  const [ofA, ofB] = [words(aToB.settings), words(bToA.settings)];
  if (direction !== undefined) return direction === "aToB" ? ofA : ofB;
  return ofA === ofB ? ofA : "";
}
