import { open } from "node:fs/promises";
import type { Duplex } from "node:stream";
import { KestrelError } from "../error/kestrel-error.ts";
import type { MachineSpec } from "./machine-spec.ts";
import { migrationCompletes, prepareMigration } from "./migration.ts";
import { type MemoryMode, nicId, inheritedDescriptors, qemuArguments } from "./qemu-arguments.ts";
import { QemuProcess, type QemuExit } from "./qemu-process.ts";
import type { Template } from "./template.ts";

/** How a machine comes into being. */
export interface MachineStart {
  readonly spec: MachineSpec;
  /** Path of the QEMU binary. */
  readonly qemu: string;
  /** Directory that relative paths of the spec are in. */
  readonly workingDirectory: string;
  readonly consoleLog: string;
  /** The template to clone; absent for a cold boot. */
  readonly template?: Template;
  readonly tscKilohertz: number | null;
  /** Ends the start; the machine is killed. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One virtual machine that QEMU runs. Every NIC's link is down until {@link Machine.setLink} raises it, in a clone and
 * after a cold boot alike: no frame is on a wire before the machine has its identity.
 */
export class Machine {
  readonly spec: MachineSpec;
  readonly #process: QemuProcess;
  #endReason: string | undefined;

  private constructor(spec: MachineSpec, process: QemuProcess) {
    this.spec = spec;
    this.#process = process;
    process.qmp.on("event", ({ event, data }) => {
      if (event === "SHUTDOWN") this.#endReason = String(data["reason"]);
    });
  }

  /**
   * Start QEMU and let the guest run: from its first instruction, or from where the template was frozen.
   *
   * @throws KestrelError (host) with QEMU's last words when it ends instead
   */
  static async start(start: MachineStart): Promise<Machine> {
    start.signal?.throwIfAborted();
    const { spec, template } = start;
    const memory: MemoryMode =
      template === undefined ? { type: "private" } : { type: "clone", file: template.memoryFile };
    await using state = template === undefined ? undefined : await open(template.stateFile, "r");
    const process = QemuProcess.start({
      name: spec.name,
      executable: start.qemu,
      // Stopped at first, so that the links are down before the guest's first instruction.
      arguments: [...qemuArguments(spec, { memory, ...start }), ...(template === undefined ? ["-S"] : [])],
      workingDirectory: start.workingDirectory,
      ...(state === undefined ? {} : { stateDescriptor: state.fd }),
    });
    const machine = new Machine(spec, process);
    const onAbort = (): void => void process.kill();
    start.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await process.whileRunning("start QEMU", template === undefined ? machine.#bootCold() : machine.#takeState());
    } catch (error) {
      await process.kill();
      start.signal?.throwIfAborted();
      throw error;
    } finally {
      start.signal?.removeEventListener("abort", onAbort);
    }
    return machine;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The byte stream to the guest agent's virtio-serial port. */
  get agent(): Duplex {
    return this.#process.agent;
  }

  /** The serial console; it must be read, or the guest stalls. What it prints is in the console log as well. */
  get console(): Duplex {
    return this.#process.console;
  }

  /** Resolves when QEMU is gone, in whatever way; never rejects. */
  get exited(): Promise<QemuExit> {
    return this.#process.exited;
  }

  get lastWords(): readonly string[] {
    return this.#process.lastWords;
  }

  /** An error that says how QEMU ended. */
  exitError(step: string, exit: QemuExit): KestrelError {
    return this.#process.exitError(step, exit);
  }

  /** Rejects with QEMU's last words when it ends before `work` is done. */
  whileRunning<T>(step: string, work: Promise<T>): Promise<T> {
    return this.#process.whileRunning(step, work);
  }

  /** What the guest asked for at its end: `guest-reset`, `guest-shutdown`; undefined while it runs or when it asked nothing. */
  get endReason(): string | undefined {
    return this.#endReason;
  }

  /** Raise or cut the carrier of a NIC. */
  async setLink(slot: number, up: boolean): Promise<void> {
    await this.#process.qmp.execute("set_link", { name: nicId(slot), up });
  }

  /** Stop the CPUs; the guest notices nothing but the time that is gone. */
  async pause(): Promise<void> {
    await this.#process.qmp.execute("stop");
  }

  async resume(): Promise<void> {
    await this.#process.qmp.execute("cont");
  }

  /** End QEMU at once; what the guest had not written to its disk is lost. Resolves when the process is gone. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  async #bootCold(): Promise<void> {
    const { qmp } = this.#process;
    await qmp.negotiate();
    await Promise.all(this.spec.nics.map((_, slot) => this.setLink(slot, false)));
    await qmp.execute("cont");
  }

  async #takeState(): Promise<void> {
    const { qmp } = this.#process;
    await qmp.negotiate();
    await prepareMigration(qmp);
    // A clone with the default announces the template's MAC on its wires.
    await qmp.execute("migrate-set-parameters", { "announce-rounds": 0 });
    const completes = migrationCompletes(qmp);
    completes.catch(() => undefined);
    await qmp.execute("migrate-incoming", { uri: `fd:${inheritedDescriptors.state}` });
    if (!(await completes)) {
      throw new KestrelError({
        kind: "internal",
        step: "clone the template",
        subject: this.spec.name,
        found: "QEMU could not take the template's state",
        lastWords: this.lastWords,
      });
    }
    await qmp.execute("cont");
  }
}
