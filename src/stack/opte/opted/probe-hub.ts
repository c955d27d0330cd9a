import { monotonicMs } from "../../daemon/clock.ts";
import type { ProbeEvent } from "../engine/port/probe.ts";
import type { Forwarder } from "./forwarder.ts";
import { isDrop, type ProbeLine, probeLineOf } from "./probe-event.ts";

/** Which probes one wants to hear of; what is left out means all. */
export interface ProbeWish {
  readonly probes?: readonly string[] | undefined;
  readonly port?: string | undefined;
  /** Lost packets alone. */
  readonly drops?: boolean | undefined;
}

/** Bytes that wait for a listener that is slow; what comes beyond is counted and told later. */
const longestBacklogBytes = 1024 * 1024;

/** Hands the probes of the engine, and of the ways out of it, to those who listen. Costs nothing while nobody does. */
export class ProbeHub {
  readonly #forwarder: Forwarder;
  readonly #listeners = new Set<(line: ProbeLine) => void>();

  constructor(forwarder: Forwarder) {
    this.#forwarder = forwarder;
  }

  /** The probes wanted, a line of JSON each, until the reader ends it. */
  stream(wish: ProbeWish): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    let missed = 0;
    let end = (): void => undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          const write = (line: object): void => {
            controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
          };
          const listener = (line: ProbeLine): void => {
            if (!isWanted(wish, line)) return;
            if ((controller.desiredSize ?? 0) <= 0) missed += 1;
            else {
              if (missed > 0) write({ at: line.at, probe: "lost", detail: `${missed} probes: the reader is too slow` });
              missed = 0;
              write(line);
            }
          };
          // The answer begins now, and not with the first probe.
          controller.enqueue(encoder.encode("\n"));
          end = this.#listen(listener);
        },
        cancel: () => {
          end();
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: longestBacklogBytes }),
    );
  }

  /** An operation of the admin API was answered. */
  answered(operation: string, status: number): void {
    if (this.#listeners.size > 0)
      this.#tell({ at: monotonicMs(), probe: "hdlr-resp", detail: `${operation} ${status}` });
  }

  #listen(listener: (line: ProbeLine) => void): () => void {
    this.#listeners.add(listener);
    this.#update();
    return () => {
      this.#listeners.delete(listener);
      this.#update();
    };
  }

  #update(): void {
    const { opte, underlay, routeCaches } = this.#forwarder;
    const isHeard = this.#listeners.size > 0;
    const tell = (line: Omit<ProbeLine, "at">): void => {
      this.#tell({ at: monotonicMs(), ...line });
    };
    opte.probe = isHeard
      ? (event: ProbeEvent) => {
          this.#tell(probeLineOf(event, monotonicMs()));
        }
      : undefined;
    underlay.onNextHop = isHeard
      ? (destination, link, nextHop) => {
          tell({ probe: "next-hop", detail: `${destination} by ${nextHop} on ${link}` });
        }
      : undefined;
    for (const cache of routeCaches) {
      cache.listener = isHeard
        ? (event, destination) => {
            tell({ probe: `routecache-${event}`, detail: destination });
          }
        : undefined;
    }
  }

  #tell(line: ProbeLine): void {
    for (const listener of this.#listeners) listener(line);
  }
}

function isWanted({ probes, port, drops }: ProbeWish, line: ProbeLine): boolean {
  if (drops === true && !isDrop(line)) return false;
  if (port !== undefined && line.port !== port) return false;
  return probes === undefined || probes.includes(line.probe);
}
