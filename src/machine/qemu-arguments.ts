import type { DirectBoot, DiskBoot, MachineSpec, NicBackend } from "./machine-spec.ts";

/** Descriptors that a QEMU child inherits; each is one end of a connected UNIX socket pair but `state`. */
export const inheritedDescriptors = { qmp: 3, console: 4, agent: 5, state: 6 } as const;

/** Name of the virtio-serial port that the guest agent opens; src/guest/agent/main.c looks for it. */
const agentPortName = "kestrel.agent";

/** How the memory of the machine comes about. */
export type MemoryMode =
  /** Anonymous memory, a cold boot. */
  | { readonly type: "private" }
  /** A file that this machine writes to: the boot of a template. */
  | { readonly type: "template"; readonly file: string }
  /** A template's file, mapped copy-on-write; the device state arrives on the inherited descriptor. */
  | { readonly type: "clone"; readonly file: string };

/** Facts of the host that the command line depends on. */
export interface ArgumentOptions {
  readonly memory: MemoryMode;
  /** Where QEMU appends everything the serial console prints. */
  readonly consoleLog: string;
  /** Frequency of the host's time stamp counter; the guest then need not measure its own under load. */
  readonly tscKilohertz: number | null;
}

/** The id of NIC `slot`: what QMP's `set_link` takes. */
export function nicId(slot: number): string {
  return `nic${String(slot)}`;
}

/** The command line of QEMU for a machine, without the program's name. Keeps to what QEMU 7.2 to 10 accept. */
export function qemuArguments(spec: MachineSpec, options: ArgumentOptions): readonly string[] {
  const { memory } = options;
  const fromFile = memory.type !== "private";
  return [
    ...["-name", spec.name],
    ...["-machine", machineOption(spec, fromFile)],
    ...["-accel", spec.accelerator === "tcg" ? `tcg,thread=multi,tb-size=${translationBufferMiB(spec)}` : "kvm"],
    ...["-cpu", spec.accelerator === "tcg" ? "max" : "host"],
    ...["-m", `${String(spec.memoryMiB)}M`, "-smp", String(spec.cpus)],
    // A reset ends QEMU, and the node starts anew and is given its identity again.
    ...["-nodefaults", "-no-user-config", "-display", "none", "-action", "reboot=shutdown"],
    ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ...(fromFile ? memoryBackend(spec.memoryMiB, memory) : []),
    ...["-chardev", `socket,id=qmp,fd=${String(inheritedDescriptors.qmp)}`, "-mon", "chardev=qmp,mode=control"],
    ...serialConsole(options.consoleLog),
    // A clone never boots, and a reset ends it: without a kernel QEMU has 18 MiB less to hold.
    ...(memory.type === "clone" ? [] : kernelImage(spec, options.tscKilohertz)),
    ...(spec.boot.type === "direct" ? rootAndAgent(spec, spec.boot) : diskBoot(spec, spec.boot)),
    ...(spec.dataDisk === null ? [] : blockDevice(spec, "data", spec.dataDisk, "raw", false)),
    ...spec.nics.flatMap((nic, slot) => [
      ...["-netdev", netdev(slot, nic.backend)],
      ...["-device", networkDevice(spec, slot, nic.mac)],
    ]),
    ...spec.userNetworks.flatMap((network, index) => userNetwork(network.socket, network.restricted, index)),
    ...(memory.type === "clone" ? ["-incoming", "defer"] : []),
  ];
}

/** A value inside a comma-separated option: a comma of its own is written twice (qemu(1)). */
function escape(value: string): string {
  return value.replaceAll(",", ",,");
}

function machineOption(spec: MachineSpec, memoryFromFile: boolean): string {
  const backend = memoryFromFile ? ",memory-backend=ram" : "";
  return spec.machine === "microvm" ? `microvm,rtc=on${backend}` : `q35,vmport=off${backend}`;
}

function memoryBackend(memoryMiB: number, memory: { readonly type: string; readonly file: string }): string[] {
  const share = memory.type === "template" ? "on" : "off";
  return [
    "-object",
    `memory-backend-file,id=ram,size=${String(memoryMiB)}M,mem-path=${escape(memory.file)},share=${share}`,
  ];
}

function serialConsole(logFile: string): string[] {
  const descriptor = String(inheritedDescriptors.console);
  return [
    ...["-chardev", `socket,id=console,fd=${descriptor},logfile=${escape(logFile)},logappend=on`],
    ...["-serial", "chardev:console"],
  ];
}

/** virtio devices are on the MMIO bus of a microvm and on PCI elsewhere. */
function device(spec: MachineSpec, name: string): string {
  return spec.machine === "microvm" ? `${name}-device` : `${name}-pci`;
}

function networkDevice(spec: MachineSpec, slot: number, mac: string): string {
  // A clone announces nothing; and QEMU 7.2 crashes when a guest resets a NIC whose announcing was ended by `announce-rounds=0`.
  const id = nicId(slot);
  return `${device(spec, "virtio-net")},id=${id},netdev=net${String(slot)},mac=${mac},guest_announce=off${withoutRom(spec)}`;
}

/** Nothing boots from the network: the BIOS need not start a boot program for each NIC. */
function withoutRom(spec: MachineSpec): string {
  return spec.machine === "microvm" ? "" : ",romfile=";
}

/** Shared address space (RFC 6598), which no topology is likely to use for the ports of its nodes. */
const managementNetwork = "100.127.255.0/24";

function blockDevice(spec: MachineSpec, id: string, file: string, format: string, readOnly: boolean): string[] {
  // Locking is off because a template's root is shared by all its clones, and a data disk has one owner: the supervisor.
  const drive = `if=none,id=${id},format=${format},file.locking=off,file=${escape(file)}${readOnly ? ",readonly=on" : ""}`;
  return ["-drive", drive, "-device", `${device(spec, "virtio-blk")},drive=${id},serial=${id}`];
}

/**
 * Room for translated code, MiB; QEMU takes up to 1 GiB unless told, and touches what is used. Waking and the first commands
 * of a 256 MiB node translate 35 MiB of code but use less than 28 at a time; with 16 they are translated over and over
 * (docs/performance.md). A node with more memory runs several daemons, each with translations of its own.
 */
function translationBufferMiB({ memoryMiB }: MachineSpec): number {
  const forDaemons = Math.max(0, memoryMiB - 256) / 2;
  return Math.min(160, 28 + Math.floor(forDaemons));
}

function kernelImage(spec: MachineSpec, tscKilohertz: number | null): string[] {
  if (spec.boot.type !== "direct") return [];
  const { kernel, initrd } = spec.boot;
  return ["-kernel", kernel, "-initrd", initrd, "-append", kernelCommandLine(spec, tscKilohertz)];
}

function rootAndAgent(spec: MachineSpec, { root }: DirectBoot): string[] {
  return [
    ...blockDevice(spec, "root", root, "raw", true),
    ...["-device", `${spec.machine === "microvm" ? "virtio-serial-device" : "virtio-serial-pci"},id=serial0`],
    ...["-chardev", `socket,id=agent,fd=${String(inheritedDescriptors.agent)}`],
    ...["-device", `virtserialport,chardev=agent,name=${agentPortName}`],
  ];
}

function diskBoot(spec: MachineSpec, { overlay, seed, sshHostPort, managementMac }: DiskBoot): string[] {
  const forward = `hostfwd=tcp:127.0.0.1:${String(sshHostPort)}-:22`;
  return [
    ...blockDevice(spec, "root", overlay, "qcow2", false),
    ...(seed === null ? [] : blockDevice(spec, "cidata", seed, "raw", true)),
    // Without IPv6, since router advertisements would give the node under test a default route.
    ...["-netdev", `user,id=management,restrict=on,net=${managementNetwork},ipv6=off,${forward}`],
    ...["-device", `${device(spec, "virtio-net")},netdev=management,mac=${managementMac},addr=0x1e${withoutRom(spec)}`],
    ...["-device", "virtio-rng-pci"],
  ];
}

/**
 * Kernel parameters of our own images. `norandmaps` and `mitigations=off`: under emulation a program that is mapped at
 * the same address every time reuses its translated code, which halves the cost of starting one (docs/performance.md).
 * `noautogroup`: the priorities that daemons are given hold between them.
 */
function kernelCommandLine(spec: MachineSpec, tscKilohertz: number | null): string {
  const emulated = spec.accelerator === "tcg";
  return [
    "console=ttyS0 quiet panic=-1 reboot=a cryptomgr.notests noautogroup",
    // A guest that boots while the host is busy would mismeasure its timers and stall.
    ...(emulated && tscKilohertz !== null ? [`tsc=reliable tsc_early_khz=${String(tscKilohertz)}`] : []),
    ...(emulated ? ["norandmaps mitigations=off"] : []),
  ].join(" ");
}

function netdev(slot: number, backend: NicBackend): string {
  const id = `net${String(slot)}`;
  switch (backend.type) {
    case "none":
      return `hubport,id=${id},hubid=${String(slot)}`;
    case "panel":
      return `stream,id=${id},server=off,addr.type=unix,addr.path=${escape(backend.socket)}`;
    case "direct":
      return `dgram,id=${id},local.type=unix,local.path=${escape(backend.localSocket)},remote.type=unix,remote.path=${escape(backend.remoteSocket)}`;
  }
}

/** A hub inside QEMU joins user networking and a stream to the panel, so that an uplink is a wire like any other. */
function userNetwork(socket: string, restricted: boolean, index: number): string[] {
  const hub = String(1000 + index);
  const id = String(index);
  return [
    ...["-netdev", `user,id=user${id},restrict=${restricted ? "on" : "off"}`],
    ...["-netdev", `hubport,id=user-hub${id},hubid=${hub},netdev=user${id}`],
    ...["-netdev", `stream,id=uplink${id},server=off,addr.type=unix,addr.path=${escape(socket)}`],
    ...["-netdev", `hubport,id=uplink-hub${id},hubid=${hub},netdev=uplink${id}`],
  ];
}
