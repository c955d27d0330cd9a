/** One thing that a flow did or found; a run's report shows them in order. */
export interface FlowStep {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: "launch" | "send" | "run" | "expect" | "trace" | "wait" | "fault" | "heal" | "note";
  /** Name of the testbed; absent for what concerns none. */
  readonly testbed?: string | undefined;
  /** One line, as a person would say it. */
  readonly text: string;
  /** Sequence number of the testbed's recording at that moment. */
  readonly cursor?: number | undefined;
  readonly outcome: "done" | "failed";
  /** More of it, as JSON. */
  readonly detail?: unknown;
}

type Listener = (step: FlowStep) => void;

const listeners = new Set<Listener>();

/** Tell whoever keeps the timeline of this process what a flow just did. */
export function noteStep(step: Omit<FlowStep, "at">): void {
  if (listeners.size === 0) return;
  const stamped = { at: Date.now(), ...step };
  for (const listener of listeners) listener(stamped);
}

interface WorkUnderWay {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

const underWay = new Set<WorkUnderWay>();

/** Say that something is being done, until it is disposed: a flow whose time is up can then tell what it waited for. */
export function beginStep(text: string): Disposable {
  const work: WorkUnderWay = { text, since: Date.now() };
  underWay.add(work);
  return {
    [Symbol.dispose]: () => {
      underWay.delete(work);
    },
  };
}

/** What was begun since a moment (milliseconds since the epoch) and has not ended. */
export function stepsUnderWay(since: number): readonly string[] {
  return [...underWay]
    .filter((work) => work.since >= since)
    .map((work) => `${work.text} (for ${((Date.now() - work.since) / 1000).toFixed(1)} s)`);
}

/** Hear of every step from now on; the result ends it. */
export function onStep(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
