import type { Effect } from "./effect.ts";
import type { BedView } from "./bed.ts";
import type { Selection, ViewName } from "./state.ts";

/** Something that the tour waits for before it calls a step done; said as a person would. */
export interface AwaitedFact {
  readonly text: string;
  readonly holds: (bed: BedView) => boolean;
}

/** One step of a tour: what the audience is told, what is done, and what has to be seen for it to be true. */
export interface DemoStep {
  readonly title: string;
  /** A few sentences. */
  readonly caption: string;
  readonly view: ViewName;
  readonly selection?: Selection;
  /** What the key does; nothing for a step that only tells. */
  readonly effects: readonly Effect[];
  /** Commands to be run in nodes, until the tour is left or another step stops them. */
  readonly background?: readonly DemoCommand[];
  /** Names of background commands that end with this step. */
  readonly ends?: readonly string[];
  readonly fact?: AwaitedFact;
  /** Milliseconds for the fact to come. */
  readonly deadlineMs?: number;
}

/** A command that goes on in the background of a tour. */
export interface DemoCommand {
  readonly name: string;
  readonly node: string;
  readonly command: string;
}

/** A scripted tour of a topology. */
export interface Tour {
  readonly name: string;
  /** Topology file, as in `topologies/`. */
  readonly topology: string;
  /** Values of the topology's parameters, over their defaults. */
  readonly parameters?: Readonly<Record<string, number>>;
  readonly title: string;
  readonly steps: readonly DemoStep[];
}

/** Where a tour is. */
export interface DemoView {
  readonly tour: Tour;
  /** Position of the step; -1 before the first. */
  readonly at: number;
  /** When its key was pressed, wall clock. */
  readonly since: number;
  readonly outcome: "waiting" | "done" | "late" | "failed";
  /** Milliseconds from the key to the fact. */
  readonly tookMs: number | undefined;
}

/** The tour before its first step. */
export function beginTour(tour: Tour): DemoView {
  return { tour, at: -1, since: 0, outcome: "done", tookMs: undefined };
}

/** Look whether the fact of the present step has come, or its time has run out. */
export function lookAtFact(demo: DemoView, bed: BedView | undefined, now: number): DemoView {
  const present = demo.tour.steps[demo.at];
  if (demo.outcome !== "waiting" || present === undefined) return demo;
  const { fact, deadlineMs = 20_000 } = present;
  if (fact === undefined || (bed !== undefined && fact.holds(bed)))
    return { ...demo, outcome: "done", tookMs: now - demo.since };
  return now - demo.since > deadlineMs ? { ...demo, outcome: "late" } : demo;
}
