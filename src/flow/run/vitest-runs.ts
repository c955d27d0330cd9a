import { BaseSequencer, createVitest, type TestSpecification, type Vitest } from "vitest/node";
import { modulePath } from "../../host/index.ts";
import { seedVariable } from "../seed.ts";
import { runVariable } from "./lease-protocol.ts";
import { type FlowListener, FlowReporter } from "./reporter.ts";

/** How vitest is to run flows. */
export interface VitestOptions {
  readonly root: string;
  readonly seed: string;
  readonly name?: string | undefined;
  readonly timeoutMs: number;
  readonly onFailure: "go on" | "keep" | "freeze";
  /** Directory of the socket where workers lease testbeds. */
  readonly leaseDirectory: string;
  readonly listener: FlowListener;
}

/** Milliseconds for a hook: the first testbed of a file may need an image to be built, a failed flow its evidence kept. */
const hookTimeoutMs = 1_800_000;

const endingSignals = ["SIGINT", "SIGTERM"] as const;

/** Files run in the order in which they are given: vitest's own depends on how long they took the last time. */
class InOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files);
  }
}

/** A vitest that runs flow files, as often as wanted. The project's own vitest configuration is left aside. */
export class VitestRuns implements AsyncDisposable {
  readonly #vitest: Vitest;

  private constructor(vitest: Vitest) {
    this.#vitest = vitest;
  }

  static async create(options: VitestOptions): Promise<VitestRuns> {
    const setup = modulePath(import.meta.url, "./worker-setup");
    const before = endingSignals.map((signal) => [signal, process.listeners(signal)] as const);
    const vitest = await createVitest(
      {
        root: options.root,
        config: false,
        watch: false,
        include: ["**/*.ts"],
        exclude: [],
        reporters: [new FlowReporter(options.root, options.listener)],
        // One flow has the testbed at a time, and machines need the CPUs.
        fileParallelism: false,
        sequence: { sequencer: InOrder },
        pool: "forks",
        setupFiles: [setup],
        env: { [seedVariable]: options.seed, [runVariable]: options.leaseDirectory },
        testTimeout: options.timeoutMs,
        hookTimeout: hookTimeoutMs,
        bail: options.onFailure === "go on" ? 0 : 1,
        includeTaskLocation: true,
        ...(options.name === undefined ? {} : { testNamePattern: options.name }),
      },
      { logLevel: "silent", clearScreen: false },
    );
    for (const [signal, known] of before) {
      for (const listener of process.listeners(signal))
        // vitest would end the process at once, before there is a bundle.
        if (!known.includes(listener)) process.off(signal, listener);
    }
    return new VitestRuns(vitest);
  }

  /** Run files once; what comes of it is told to the listener. */
  async run(files: readonly string[]): Promise<void> {
    const project = this.#vitest.getRootProject();
    await this.#vitest.runTestSpecifications(
      files.map((file) => project.createSpecification(file)),
      true,
    );
  }

  /** End what runs, in order. */
  async cancel(): Promise<void> {
    await this.#vitest.cancelCurrentRun("keyboard-input");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vitest.close();
  }
}
