/** Hardware that runs the guest's instructions; `tcg` is emulation and always there. */
export type Accelerator = "kvm" | "tcg";

/** What the far side of a NIC is, from QEMU's point of view. */
export type NicBackend =
  /** Nothing: the NIC exists, its frames go nowhere (templates, spare slots). */
  | { readonly type: "none" }
  /** A stream connection to a listening UNIX socket of the panel. */
  | { readonly type: "panel"; readonly socket: string }
  /** Datagrams between two QEMUs, without the panel (`direct` wires). Connectionless, so either end may be restarted. */
  | { readonly type: "direct"; readonly localSocket: string; readonly remoteSocket: string };

/** One NIC slot. */
export interface NicSpec {
  readonly backend: NicBackend;
  /** MAC that the device is built with, also the template's: the agent finds the slot by it. */
  readonly mac: string;
}

/** QEMU user networking bridged onto a stream connection to the panel: the far end of an uplink wire. */
export interface UserNetworkSpec {
  /** The panel's listening socket for the uplink's end of the wire. */
  readonly socket: string;
  /** Nothing but the node itself can be reached: no host, no outside. */
  readonly restricted: boolean;
}

/** Boot of our own images: a kernel given directly, an initramfs and a read-only root. */
export interface DirectBoot {
  readonly type: "direct";
  readonly kernel: string;
  readonly initrd: string;
  readonly root: string;
}

/** Boot of a disk image of the user's own, from its own boot loader. */
export interface DiskBoot {
  readonly type: "disk";
  /** A qcow2 overlay; what is written stays in it, the user's image is never touched. */
  readonly overlay: string;
  /** An ISO 9660 image labelled `cidata` (cloud-init NoCloud); `null` without a seed. */
  readonly seed: string | null;
  /** Host port on 127.0.0.1 forwarded to TCP port 22 of the management NIC. */
  readonly sshHostPort: number;
  /** MAC of the management NIC. */
  readonly managementMac: string;
}

/** Everything QEMU has to be told about a machine. Paths are relative to the working directory that QEMU is started in, or absolute. */
export interface MachineSpec {
  /** Shown as `-name`: `TESTBED/NODE`. */
  readonly name: string;
  readonly machine: "microvm" | "q35";
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly boot: DirectBoot | DiskBoot;
  /** A raw file, a multiple of 512 bytes. */
  readonly dataDisk: string | null;
  readonly nics: readonly NicSpec[];
  readonly userNetworks: readonly UserNetworkSpec[];
}

/**
 * MAC of NIC slot `slot` in every template and every freshly built machine. Identity replaces it before the first frame.
 *
 * @param slot - position of the NIC, 0 to 255
 */
export function slotMac(slot: number): string {
  return `52:54:00:6b:00:${slot.toString(16).padStart(2, "0")}`;
}
