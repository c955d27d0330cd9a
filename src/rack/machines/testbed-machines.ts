import { KestrelError } from "../../error/kestrel-error.ts";
import type { MachineEntry } from "../../stack/sled-agent/machine-interface.ts";
import type { Testbed } from "../../testbed/index.ts";
import { networkService } from "./pool.ts";
import type { MachineHost } from "./provider.ts";

/** Milliseconds for a command in a machine that is emulated and busy. */
const commandMs = 60_000;
/** The end of a machine's wire that is plugged into sleds. */
const sledEnd = 1;

/** The machines of a testbed: each is a node with a wire of its name. */
export class TestbedMachines implements MachineHost {
  readonly #testbed: Testbed;

  constructor(testbed: Testbed) {
    this.#testbed = testbed;
  }

  async plug(machine: string, sled: string): Promise<void> {
    await this.#testbed.wires.attach(machine, sledEnd, { port: `${sled}:${machine}` });
  }

  async unplug(machine: string): Promise<void> {
    const { wires } = await this.#testbed.wires.list();
    const isPlugged = wires.some(({ name, ends }) => name === machine && ends[sledEnd] !== null);
    if (isPlugged) await this.#testbed.wires.detach(machine, sledEnd);
  }

  /** The network is configured once there is one: nothing is asked of it before. */
  async personalise(machine: string, { hostname, mac }: MachineEntry): Promise<void> {
    const guest = await this.#testbed.node(machine).guest();
    const commands = [
      "ip link set net0 down",
      `ip link set net0 address ${mac}`,
      "ip link set net0 up",
      `echo ${hostname} | tee /proc/sys/kernel/hostname >/etc/hostname`,
    ];
    const { exitCode, stderr } = await guest.exec(commands.join(" && "), { timeoutMs: commandMs });
    if (exitCode !== 0) {
      const found = stderr.trim();
      throw new KestrelError({ kind: "host", step: "make a machine an instance", subject: machine, found });
    }
    await guest.services.start(networkService);
  }

  async recycle(machine: string): Promise<void> {
    await this.#testbed.node(machine).act("power-cycle");
  }
}
