import type { Readable } from "node:stream";
import type { Connection } from "../channel/index.ts";
import type { DirectionSettings } from "../topology/direction-settings.ts";
import { captureStream, type PanelCalls } from "./panel-calls.ts";
import type {
  CaptureQuery,
  DirectionName,
  EndIndex,
  FollowQuery,
  PanelConfiguration,
  PanelEvent,
  PortStatus,
  ReadQuery,
  ReadResult,
  Statistics,
  WireEnd,
  WireRecord,
  WireStatus,
} from "./protocol.ts";
import { BlockDecoder } from "./record-blocks.ts";
import type { EncodedReadResult } from "./record-query.ts";

/** A capture in progress. */
export interface RunningCapture {
  /** pcapng. Must be read; a reader that is slow loses frames (a comment says how many), it delays nobody. */
  readonly bytes: Readable;
  /** End the capture after the frames recorded so far; `bytes` then ends. */
  stop(): void;
}

/** Recordings that are followed. */
export interface FollowedRecords extends AsyncIterable<readonly WireRecord[]> {
  /** Set when frames were overwritten before they could be read; the records then end. */
  readonly lost: boolean;
  /** End after the frames recorded so far. */
  finish(): void;
  /** End at once. */
  close(): void;
}

/** How calls reach the panel: its own connection, or one that relays to it. */
export type PanelControl = Pick<Connection, "open" | "request">;

/** What a panel can be asked, from near or from afar. All methods throw the panel's own KestrelError. */
export class PanelClient {
  /** The calls themselves, for relaying. */
  readonly control: PanelControl;

  constructor(control: PanelControl) {
    this.control = control;
  }

  /** Add ports, segments, wires. When it returns, the ports listen: QEMU may be started. */
  configure(configuration: PanelConfiguration): Promise<readonly PortStatus[]> {
    return this.#call("configure", configuration);
  }

  /** Change settings of one direction of a wire, or of both, from the next frame on. */
  async set(wire: string, settings: Partial<DirectionSettings>, direction?: DirectionName): Promise<void> {
    await this.#call("set", { wire, settings, ...(direction === undefined ? {} : { direction }) });
  }

  /** Silence in one direction or in both; the carrier stays. Frames under way are lost. */
  cut(wire: string, direction?: DirectionName): Promise<void> {
    return this.set(wire, { cut: true }, direction);
  }

  /** The opposite of {@link cut}. */
  mend(wire: string, direction?: DirectionName): Promise<void> {
    return this.set(wire, { cut: false }, direction);
  }

  /** Drop and count all frames as `down`. The carrier of the machines is QEMU's to take away. */
  async down(wire: string): Promise<void> {
    await this.#call("setUp", { wire, up: false });
  }

  /** The opposite of {@link down}. */
  async up(wire: string): Promise<void> {
    await this.#call("setUp", { wire, up: true });
  }

  /** Plug a wire's end into a port (pulled out of where it was) or a segment, while the machines run. */
  async attach(wire: string, end: EndIndex, target: NonNullable<WireEnd>): Promise<void> {
    await this.#call("attach", { wire, end, target });
  }

  /** Pull a wire's end out. */
  async detach(wire: string, end: EndIndex): Promise<void> {
    await this.#call("detach", { wire, end });
  }

  /** Remove a wire with its recording. */
  async removeWire(wire: string): Promise<void> {
    await this.#call("removeWire", { wire });
  }

  /** Remove a port with its socket; the wire it was in stays, with a loose end. */
  async removePort(node: string, port: string): Promise<void> {
    await this.#call("removePort", { node, port });
  }

  /** All ports and wires with settings and counters. */
  list(): Promise<{ readonly ports: readonly PortStatus[]; readonly wires: readonly WireStatus[] }> {
    return this.#call("list", undefined);
  }

  /** Counters of all wires now. */
  statistics(): Promise<Statistics> {
    return this.#call("statistics", undefined);
  }

  /** Sequence number of the next frame: a `read` since it sees what happens from now on. */
  cursor(): Promise<number> {
    return this.#call("cursor", undefined);
  }

  /** Have a frame (without FCS) enter a direction as if sent from its near end. Returns its sequence number. */
  inject(wire: string, direction: DirectionName, frame: Uint8Array, comment?: string): Promise<number> {
    const encoded = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString("base64");
    return this.#call("inject", { wire, direction, frame: encoded, ...(comment === undefined ? {} : { comment }) });
  }

  /** Read recordings, see {@link ReadQuery}. An aborted signal ends the wait. */
  async read(query: ReadQuery, signal?: AbortSignal): Promise<ReadResult> {
    const result = await this.control.request<EncodedReadResult>("read", query, { signal });
    return {
      ...result,
      records: result.records.map(({ frame, timestamp, ...record }) => ({
        ...record,
        timestampNanoseconds: BigInt(timestamp),
        frame: Buffer.from(frame, "base64"),
      })),
    };
  }

  /**
   * Read recordings as they grow, in sequence order, until told to end: the way to look at many frames. Records come in
   * batches, as they are there.
   */
  follow(query: FollowQuery): FollowedRecords {
    const channel = this.control.open("follow", query);
    const bytes = channel.readable(captureStream);
    channel.result.catch((error: unknown) => {
      bytes.destroy(error instanceof Error ? error : new Error(String(error)));
    });
    const decoder = new BlockDecoder();
    const close = (): void => {
      bytes.destroy();
      channel.cancel();
    };
    return {
      get lost() {
        return decoder.lost;
      },
      finish: () => {
        channel.send("stop");
      },
      close,
      async *[Symbol.asyncIterator]() {
        try {
          for await (const chunk of bytes) {
            const records = decoder.push(chunk as Buffer);
            if (records.length > 0) yield records;
            if (decoder.lost) return;
          }
        } finally {
          close();
        }
      },
    };
  }

  /** Capture wires as pcapng, one interface a wire. Any number of captures may run. */
  capture(query: CaptureQuery = {}): RunningCapture {
    const channel = this.control.open("capture", query);
    const bytes = channel.readable(captureStream);
    channel.result.catch((error: unknown) => {
      bytes.destroy(error instanceof Error ? error : new Error(String(error)));
    });
    return {
      bytes,
      stop: () => {
        channel.send("stop");
      },
    };
  }

  /** Ports that connect and disconnect, segments that fail, until the signal is aborted. */
  events(signal: AbortSignal): AsyncIterable<PanelEvent> {
    return this.#follow("events", {}, signal) as AsyncIterable<PanelEvent>;
  }

  /** Counters at every interval, until the signal is aborted; a reader that is behind gets fewer. */
  followStatistics(intervalMilliseconds: number, signal: AbortSignal): AsyncIterable<Statistics> {
    return this.#follow("followStatistics", { intervalMilliseconds }, signal) as AsyncIterable<Statistics>;
  }

  #call<Name extends keyof PanelCalls>(
    name: Name,
    params: PanelCalls[Name]["params"],
  ): Promise<PanelCalls[Name]["result"]> {
    return this.control.request<PanelCalls[Name]["result"]>(name, params);
  }

  #follow(method: string, params: unknown, signal: AbortSignal): AsyncIterable<unknown> {
    const channel = this.control.open(method, params);
    signal.addEventListener(
      "abort",
      () => {
        channel.cancel();
      },
      { once: true },
    );
    return channel.messages;
  }
}
