/** Takes a packet that came in on a port: `bytes[start, start + length)`, valid until it returns. */
export type PacketTaker = (bytes: Uint8Array, start: number, length: number) => void;

/** Paths of the captures of a port. */
export interface PortCaptures {
  readonly received: string;
  readonly sent: string;
}

/** A port of a switch, whatever is behind it. */
export interface Port {
  /** What the port is called outside: an interface, a socket, a file. */
  readonly name: string;
  readonly up: boolean;
  /** Where what comes and goes is recorded, if it is. */
  readonly captures?: PortCaptures | undefined;
  /** A packet leaves; the bytes are not kept. */
  send(bytes: Uint8Array, start: number, length: number): void;
  /** Let out what was held back to be sent together. */
  flush?(): void;
  close(): Promise<void>;
}

/** What a port tells its switch. */
export interface PortEvents {
  readonly packet: PacketTaker;
  /** All packets that came together have been told. */
  readonly batchEnd: () => void;
  /** Nothing more will come. */
  readonly end?: () => void;
}

/** Opens a port; packets come from then on. */
export type PortOpener = (events: PortEvents) => Promise<Port>;
