import type { Plan } from "../../topology/index.ts";
import type { FlowFailure } from "../run/run-record.ts";
import type { TimelineEntry } from "./layout.ts";

/** The place in the topology that a failure is about; names of wires and nodes. */
export interface FailingPlace {
  readonly wires: readonly string[];
  readonly nodes: readonly string[];
}

/**
 * Where a flow failed: the wires and nodes named in the first line that says why, or else further below in it, or else in what
 * it was busy with when its time was up, or else in the last step that failed.
 */
export function failingPlace(
  plan: Plan,
  failures: readonly FlowFailure[],
  steps: readonly TimelineEntry[],
  underWay: readonly string[] = [],
): FailingPlace {
  // What is wrong with the flow itself is at no place of the topology, although names of it may be listed.
  const found = failures.filter(({ kind }) => kind !== "input");
  const lastFailed = steps.findLast(({ outcome, kind }) => outcome === "failed" && kind !== "end");
  const texts = [
    ...found.map(({ message }) => message.split("\n")[0] ?? ""),
    ...found.map(({ message }) => message),
    ...underWay,
    ...(lastFailed === undefined || found.length === 0 ? [] : [lastFailed.text]),
  ];
  for (const text of texts) {
    const place = placesIn(plan, text);
    if (place.wires.length > 0 || place.nodes.length > 0) return place;
  }
  return { wires: [], nodes: [] };
}

/** Wires and nodes of the plan that a text names; a node within the name of a wire is not meant by itself. */
export function placesIn(plan: Plan, text: string): FailingPlace {
  const wires = wireNames(plan).filter((name) => names(text, name));
  const rest = wires.reduce((left, name) => left.replaceAll(name, " "), text);
  return { wires, nodes: plan.nodes.map(({ name }) => name).filter((name) => names(rest, name)) };
}

/** Names of everything that a frame can be recorded on. */
export function wireNames(plan: Plan): readonly string[] {
  return [...plan.wires.map(({ name }) => name), ...plan.segments.flatMap(({ legs }) => legs.map(({ name }) => name))];
}

/** Whether a name stands in a text by itself, not as a part of another. */
function names(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const [before, after] = [text[at - 1] ?? " ", text[at + name.length] ?? " "];
    if (!/[\w-]/.test(before) && !/[\w-]/.test(after)) return true;
  }
  return false;
}
