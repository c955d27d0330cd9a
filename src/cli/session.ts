import type { Testbed } from "../testbed/testbed.ts";
import type { Terminal } from "./terminal.ts";

/** One run of the command line: what a verb is given besides its arguments. */
export class Session {
  readonly terminal: Terminal;
  /** Exit code when the verb ends without an error. */
  exitCode = 0;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  /**
   * Connect to the testbed named by `--testbed`, or to the only one.
   *
   * @throws KestrelError (input) when there is none, or several and none was named
   */
  async testbed({ testbed }: TestbedOption): Promise<Testbed> {
    const { Testbed } = await import("../testbed/testbed.ts");
    return Testbed.connect(testbed);
  }

  /** Clean up after testbeds that died, and say so. Never in the way of the command itself. */
  async sweep(): Promise<void> {
    const { terminal } = this;
    const { sweepDeadRuns } = await import("../testbed/sweep.ts");
    try {
      for (const { name, killed, keptLogs } of await sweepDeadRuns()) {
        const processes = killed.length === 0 ? "" : `, ended ${killed.join(", ")}`;
        terminal.note(
          terminal.errorColors.dim(
            `cleaned up after testbed ${name}, whose supervisor died${processes}; logs: ${keptLogs}`,
          ),
        );
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      terminal.note(terminal.errorColors.yellow(`could not clean up after a dead testbed: ${reason}`));
    }
  }
}

/** The option of all verbs that work on a running testbed. */
export interface TestbedOption {
  readonly testbed?: string;
}

/** The option of all verbs that print something a person reads. */
export interface JsonOption {
  readonly json?: boolean;
}
