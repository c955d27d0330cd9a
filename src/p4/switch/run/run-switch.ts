import { readFile } from "node:fs/promises";
import { SwitchControl } from "../control/switch-control.ts";
import { P4Error } from "../../p4-error.ts";
import type { LogLevel } from "../dataplane.ts";
import type { MulticastLimits } from "../engine/multicast.ts";
import { loadProgram } from "../format/load.ts";
import type { Program } from "../format/program.ts";
import { NotificationPublisher } from "./notifications.ts";
import { SwitchDevice } from "../port/device.ts";
import { filePort } from "../port/file-port.ts";
import { loggedPort } from "../port/logged-port.ts";
import { packetPort } from "../port/packet-port.ts";
import type { PortCaptures, PortOpener } from "../port/port.ts";
import { capturesOf, recordedPort } from "../port/recorded-port.ts";
import { streamPort } from "../port/stream-port.ts";
import { serveThrift, switchServices, type ThriftServer } from "../thrift/server.ts";
import type { Device } from "../thrift/device.ts";

/** A port of a switch to be started: its number, and an interface name or `unix:` and the path of a stream socket. */
export interface PortDeclaration {
  readonly number: number;
  readonly name: string;
}

/** A switch to be started, as the command line of simple_switch describes it. */
export interface SwitchDeclaration {
  /** Path of the program's JSON. */
  readonly program: string;
  readonly ports: readonly PortDeclaration[];
  /** Ports have numbers below this (512). */
  readonly portCount?: number;
  /** What the replication engine holds at most (4096 groups, 4096 nodes). */
  readonly multicast?: MulticastLimits;
  /** Bytes of each packet that comes or goes that are logged (0). */
  readonly loggedBytes?: number;
  /** TCP port of the run-time interface; 0: any free one. */
  readonly thriftPort: number;
  /** Address it listens on. */
  readonly thriftAddress: string;
  readonly deviceId: number;
  /** Directory for captures of all ports. */
  readonly captures?: string | undefined;
  /** Take packets from and put them into capture files, after so many milliseconds. */
  readonly filesAfterMs?: number | undefined;
  /** Where digests and idle entries are published, `ipc://PATH`; nowhere if undefined. */
  readonly notifications?: string | undefined;
  readonly enableSwap: boolean;
  readonly dropPort: number;
  readonly priorityQueues: number;
  readonly seed: number;
  /** File with the state of a switch that ran before. */
  readonly restore?: string | undefined;
  readonly log: (level: LogLevel, text: string) => void;
}

/** A switch that runs until it is disposed of. */
export interface RunningSwitch extends AsyncDisposable {
  readonly device: SwitchDevice;
  readonly thriftPort: number;
}

/**
 * Start a switch. A program that was prepared is taken as it is if the file says the same still. Throws P4Error
 * (input) for a wrong program, (host) for ports that cannot be opened.
 */
export async function runSwitch(declaration: SwitchDeclaration, prepared?: Program): Promise<RunningSwitch> {
  const { program: path, log } = declaration;
  const text = await readProgram(path);
  const program = prepared?.text === text ? prepared : loadProgram(text, path);
  const publisher = await openPublisher(declaration);
  const notify = (notification: Parameters<NotificationPublisher["publish"]>[0]): void => {
    publisher?.publish(notification);
  };
  const device = new SwitchDevice(program, { log, notify }, declaration);
  let thrift: ThriftServer | undefined;
  try {
    if (declaration.restore !== undefined) {
      device.control.restore(await readInput(declaration.restore, restoreFile), declaration.restore);
    }
    thrift = await startThrift(declaration, device);
    if (declaration.filesAfterMs !== undefined && declaration.filesAfterMs > 0) {
      // Time for whoever programs the tables before the first packet of the files.
      await new Promise((resolve) => setTimeout(resolve, declaration.filesAfterMs));
    }
    const opened = Promise.withResolvers<undefined>();
    for (const port of declaration.ports) await openPort(device, port, declaration, opened.promise);
    opened.resolve(undefined);
  } catch (error) {
    await thrift?.[Symbol.asyncDispose]();
    await device[Symbol.asyncDispose]();
    await publisher?.[Symbol.asyncDispose]();
    throw error;
  }
  const server = thrift;
  log("info", `Thrift server was started on ${declaration.thriftAddress}:${server.port}`);
  return {
    device,
    thriftPort: server.port,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await device[Symbol.asyncDispose]();
      await publisher?.[Symbol.asyncDispose]();
    },
  };
}

/** A packet that comes in at a port. */
export interface SwitchPacket {
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** Fills the tables of a switch that only rehearses, and gives the packets that it is to handle. */
export type Rehearsal = (control: SwitchControl) => readonly SwitchPacket[];

/** Packets of each rehearsal: by then V8 has translated all that every packet passes. */
const rehearsedPackets = [1, 1, 20_000] as const;

/** Ethernet with IPv6, IPv4, ARP and something unknown, as long as the shortest frame. */
function anyPackets(): readonly SwitchPacket[] {
  return [0x86dd, 0x0800, 0x0806, 0xffff].map((type) => {
    const bytes = Buffer.alloc(60);
    bytes.writeUInt16BE(type, 12);
    return { port: 1, bytes };
  });
}

/**
 * Load and compile a program, and let it rehearse, so that {@link runSwitch} starts at once and at full speed. Opens nothing
 * but the file.
 *
 * @throws P4Error (input) for a wrong program
 */
export async function prepareProgram(
  path: string,
  options: Pick<SwitchDeclaration, "dropPort">,
  rehearsal: Rehearsal = anyPackets,
): Promise<Program> {
  const program = loadProgram(await readProgram(path), path);
  const rehearse = (count: number): void => {
    let now = 0;
    const control = new SwitchControl(program, { send: () => undefined }, { ...options, clock: () => now });
    const packets = rehearsal(control);
    for (; now < count; now += 1) {
      const { port, bytes } = packets[now % packets.length] ?? { port: 0, bytes: new Uint8Array() };
      control.engine.receive(port, bytes, 0, bytes.length, now);
    }
  };
  // What V8 makes of functions that were made once is good for these alone; of those made again, for all that will be.
  for (const count of rehearsedPackets) rehearse(count);
  return program;
}

async function readProgram(path: string): Promise<string> {
  const hint = "name the BMv2 JSON that a P4 compiler made";
  return (await readInput(path, { step: "read P4 program", hint })).toString("utf8");
}

const restoreFile = { step: "restore the state of the switch", hint: "name a file that serialize_state wrote" };

async function readInput(path: string, { step, hint }: typeof restoreFile): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new P4Error(
      {
        kind: "input",
        step,
        subject: path,
        found: error instanceof Error ? error.message : String(error),
        hint,
      },
      { cause: error },
    );
  }
}

async function openPublisher({
  notifications,
  deviceId,
}: SwitchDeclaration): Promise<NotificationPublisher | undefined> {
  if (notifications === undefined) return undefined;
  try {
    return await NotificationPublisher.listen(notifications, deviceId);
  } catch (error) {
    throw new P4Error(
      {
        kind: "host",
        step: "publish notifications",
        subject: notifications,
        found: error instanceof Error ? error.message : String(error),
        hint: "name a UNIX socket in a directory that can be written: --notifications-addr ipc://PATH",
      },
      { cause: error },
    );
  }
}

async function startThrift(declaration: SwitchDeclaration, device: SwitchDevice): Promise<ThriftServer> {
  const { thriftPort, thriftAddress } = declaration;
  const named: { port: number } = { port: thriftPort };
  const services = switchServices(device.control, thriftDevice(device, declaration, named));
  try {
    const called = (): void => {
      device.settle();
    };
    const server = await serveThrift(services, { port: thriftPort, host: thriftAddress, called });
    named.port = server.port;
    return server;
  } catch (error) {
    throw new P4Error(
      {
        kind: "host",
        step: "serve the run-time interface",
        subject: `${thriftAddress}:${thriftPort}`,
        found: error instanceof Error ? error.message : String(error),
        hint: "choose another --thrift-port",
      },
      { cause: error },
    );
  }
}

function thriftDevice(device: SwitchDevice, declaration: SwitchDeclaration, thrift: { readonly port: number }): Device {
  const { deviceId, notifications = "" } = declaration;
  return {
    deviceId,
    get thriftPort() {
      return thrift.port;
    },
    notifications,
    addPort: (number, name, pcap) => {
      const captures = pcap === "" ? undefined : { received: pcap, sent: pcap };
      return device.addPort(number, seenPort(number, openerOf(name), captures, declaration));
    },
    removePort: (number) => device.removePort(number),
    ports: () => [...device.ports()].map(([port, { name, up, captures }]) => ({ port, name, up, captures })),
  };
}

async function openPort(
  device: SwitchDevice,
  { number, name }: PortDeclaration,
  declaration: SwitchDeclaration,
  allOpened: Promise<unknown>,
): Promise<void> {
  const { captures, filesAfterMs, log } = declaration;
  const open = filesAfterMs === undefined ? openerOf(name) : filePort(name, logged(log), allOpened);
  log("info", `Adding interface ${name} as port ${number}`);
  try {
    const recorded = captures === undefined ? undefined : capturesOf(name, captures);
    await device.addPort(number, seenPort(number, open, recorded, declaration));
  } catch (error) {
    throw new P4Error(
      {
        kind: "host",
        step: "open port",
        subject: `${number}@${name}`,
        found: error instanceof Error ? error.message : String(error),
        hint: "packet sockets need the capability CAP_NET_RAW and an interface that is there, captures a directory",
      },
      { cause: error },
    );
  }
}

/** A port with what of it is recorded and logged. */
function seenPort(
  number: number,
  open: PortOpener,
  captures: PortCaptures | undefined,
  { loggedBytes = 0, log }: SwitchDeclaration,
): PortOpener {
  const recorded = captures === undefined ? open : recordedPort(open, captures, logged(log));
  return loggedBytes === 0 ? recorded : loggedPort(recorded, number, loggedBytes, log);
}

/** What goes wrong with a port while it is open. */
function logged(log: SwitchDeclaration["log"]): (error: Error) => void {
  return (error) => {
    log("error", error.message);
  };
}

function openerOf(name: string): PortOpener {
  return name.startsWith("unix:") ? streamPort(name.slice("unix:".length)) : packetPort(name);
}
