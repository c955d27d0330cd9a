import type { FlowTestbed } from "../flow-testbed.ts";
import type { Breaker } from "./breaker.ts";
import { DaemonProcesses } from "./daemon-processes.ts";
import { DaemonService } from "./daemon-service.ts";
import type { DaemonFault } from "./fault.ts";

/** How a daemon is taken hold of: as a service that something keeps, or as processes. */
export interface DaemonControl {
  /** End it at once, as a crash does. */
  kill(): Promise<void>;
  /** End it in order. */
  stop(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Have it run, unless it does. */
  ensureRunning(): Promise<void>;
}

/** A fault of a daemon in a node. */
export class DaemonBreaker implements Breaker {
  readonly #fault: DaemonFault;
  readonly #control: DaemonControl;

  constructor(fault: DaemonFault, bed: FlowTestbed) {
    this.#fault = fault;
    const { daemon, node } = fault;
    this.#control =
      "service" in daemon
        ? new DaemonService(bed.node(node), daemon.service)
        : new DaemonProcesses(bed.node(node), daemon);
  }

  begin(): Promise<void> {
    switch (this.#fault.kind) {
      case "daemon-killed":
        return this.#control.kill();
      case "daemon-stopped":
        return this.#control.stop();
      case "daemon-frozen":
        return this.#control.freeze();
    }
  }

  async heal(): Promise<void> {
    if (this.#fault.kind === "daemon-frozen") await this.#control.thaw();
    await this.#control.ensureRunning();
  }
}
