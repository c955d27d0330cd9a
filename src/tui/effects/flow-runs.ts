import { relative } from "node:path";
import { findFlowFiles } from "../../flow/run/flow-files.ts";
import { runSeed } from "../../flow/seed.ts";
import { errorText, type Outcomes } from "./services.ts";

/** Milliseconds that a flow may take: as `kestrel flow run` has it. */
const flowTimeoutMs = 240_000;

/** The flow files of the project, relative to it; none where there are none. */
export async function projectFlows(root: string): Promise<readonly string[]> {
  const files = await findFlowFiles([], root).catch(() => []);
  return files.map((file) => relative(root, file));
}

/** Runs flows, one run at a time. */
export class FlowRuns {
  readonly #outcomes: Outcomes;
  #cancel: AbortController | undefined;

  constructor(outcomes: Outcomes) {
    this.#outcomes = outcomes;
  }

  /** Run flow files and tell how it goes. */
  async run(files: readonly string[]): Promise<void> {
    const { dispatch, services } = this.#outcomes;
    if (this.#cancel !== undefined) return;
    const cancel = new AbortController();
    this.#cancel = cancel;
    try {
      // It brings vitest with it, which takes its time: only who runs flows waits for it.
      const { runFlows } = await import("../../flow/run/run-flows.ts");
      const run = await runFlows({
        root: process.cwd(),
        files,
        seed: runSeed(),
        untilFail: false,
        timeoutMs: flowTimeoutMs,
        onFailure: "go on",
        version: services.version,
        hostChecks: services.hostChecks,
        onEvent: (event) => {
          dispatch({ type: "run-event", event });
        },
        signal: cancel.signal,
      });
      dispatch({ type: "run-ended", outcome: run.verdict, bundle: run.bundle });
    } catch (error) {
      dispatch({
        type: "run-ended",
        outcome: cancel.signal.aborted ? "ended on request" : errorText(error),
        bundle: undefined,
      });
    } finally {
      this.#cancel = undefined;
    }
  }

  /** End the run; its bundle is still written. */
  stop(): void {
    this.#cancel?.abort(new Error("the run was ended"));
  }
}
