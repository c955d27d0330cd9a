/** Packets of a stream that were lost one after the other. */
export interface Outage {
  /** How many were lost. */
  readonly packets: number;
  /** Number of the first, counted from 0. */
  readonly first: number;
  /** When the first was sent, milliseconds after the first packet of the stream. */
  readonly atMs: number;
  /** How long: from the moment the first of them was sent until the next one that arrived was; or until the last was sent. */
  readonly forMs: number;
}

/** Latencies in milliseconds, of the packets that arrived. NaN where none did. */
export interface LatencyFigures {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly maximum: number;
}

/** What became of the packets of a stream. */
export interface StreamReport {
  readonly sent: number;
  /** Packets that arrived at least once. */
  readonly received: number;
  readonly lost: number;
  /** Arrivals beyond the first of each packet. */
  readonly duplicated: number;
  /** Packets that arrived after one that was sent later (RFC 4737 section 3.3). */
  readonly reordered: number;
  readonly latencyMs: LatencyFigures;
  /** Each row of lost packets, in the order in which they were sent. */
  readonly outages: readonly Outage[];
  /** The one that lasted longest; undefined when nothing was lost. */
  readonly longestOutage: Outage | undefined;
}

/** Several streams as one: counts added up, outages of all, latencies of the worst. */
export function mergeReports(reports: readonly StreamReport[]): StreamReport {
  const sum = (of: (report: StreamReport) => number): number => reports.reduce((total, each) => total + of(each), 0);
  const worst = (of: (figures: LatencyFigures) => number): number => {
    const figures = reports.map(({ latencyMs }) => of(latencyMs)).filter((figure) => !Number.isNaN(figure));
    return figures.length === 0 ? Number.NaN : Math.max(...figures);
  };
  const outages = reports.flatMap((report) => report.outages);
  return {
    sent: sum(({ sent }) => sent),
    received: sum(({ received }) => received),
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    reordered: sum(({ reordered }) => reordered),
    latencyMs: {
      p50: worst(({ p50 }) => p50),
      p95: worst(({ p95 }) => p95),
      p99: worst(({ p99 }) => p99),
      maximum: worst(({ maximum }) => maximum),
    },
    outages,
    longestOutage: longestOf(outages),
  };
}

/** The outage that lasted longest; of several, the one of most packets. */
function longestOf(outages: readonly Outage[]): Outage | undefined {
  return outages.toSorted((a, b) => b.forMs - a.forMs || b.packets - a.packets)[0];
}

interface Packet {
  readonly sentAt: number;
  arrivedAt: number | undefined;
}

const nanosecondsPerMillisecond = 1e6;

/** Counts what becomes of numbered packets, given when each was sent and arrived, in whatever order that comes to be known. */
export class StreamTally {
  readonly #packets = new Map<number, Packet>();
  /** Arrivals of packets whose sending is not known yet, in order. */
  readonly #arrivals: { readonly number: number; readonly at: number }[] = [];
  #origin: bigint | undefined;
  #duplicated = 0;
  #received = 0;
  #sent = 0;

  get sent(): number {
    return this.#sent;
  }

  get received(): number {
    return this.#received;
  }

  /** A packet was sent. Times are nanoseconds of one clock for both ends. */
  tellSent(number: number, at: bigint): void {
    const known = this.#packets.get(number);
    if (known !== undefined && !Number.isNaN(known.sentAt)) return;
    this.#sent += 1;
    this.#packets.set(number, { sentAt: this.#milliseconds(at), arrivedAt: known?.arrivedAt });
  }

  /** A packet arrived, so many times at once. */
  tellArrived(number: number, at: bigint, copies = 1): void {
    const milliseconds = this.#milliseconds(at);
    const packet = this.#packets.get(number) ?? { sentAt: Number.NaN, arrivedAt: undefined };
    this.#packets.set(number, packet);
    this.#duplicated += packet.arrivedAt === undefined ? copies - 1 : copies;
    if (packet.arrivedAt !== undefined) return;
    packet.arrivedAt = milliseconds;
    this.#received += 1;
    this.#arrivals.push({ number, at: milliseconds });
  }

  /** What is known by now. */
  report(): StreamReport {
    const sent = [...this.#packets]
      .filter(([, { sentAt }]) => !Number.isNaN(sentAt))
      .toSorted(([a], [b]) => a - b)
      .map(([number, packet]) => ({ number, ...packet }));
    const outages = outagesOf(sent);
    const received = sent.filter(({ arrivedAt }) => arrivedAt !== undefined).length;
    const latencies = sent
      .flatMap(({ sentAt, arrivedAt }) => (arrivedAt === undefined ? [] : [arrivedAt - sentAt]))
      .toSorted((a, b) => a - b);
    return {
      sent: sent.length,
      received,
      lost: sent.length - received,
      duplicated: this.#duplicated,
      reordered: this.#reordered(),
      latencyMs: {
        p50: percentile(latencies, 0.5),
        p95: percentile(latencies, 0.95),
        p99: percentile(latencies, 0.99),
        maximum: latencies.at(-1) ?? Number.NaN,
      },
      outages,
      longestOutage: longestOf(outages),
    };
  }

  #milliseconds(at: bigint): number {
    this.#origin ??= at;
    return Number(at - this.#origin) / nanosecondsPerMillisecond;
  }

  #reordered(): number {
    let latest = -1;
    let reordered = 0;
    for (const { number } of this.#arrivals) {
      if (number < latest) reordered += 1;
      else latest = number;
    }
    return reordered;
  }
}

interface Sent extends Packet {
  readonly number: number;
}

function outagesOf(sent: readonly Sent[]): readonly Outage[] {
  const outages: Outage[] = [];
  const begin = sent[0]?.sentAt ?? 0;
  const end = sent.at(-1)?.sentAt ?? 0;
  let at = 0;
  while (at < sent.length) {
    const first = sent[at];
    if (first === undefined || first.arrivedAt !== undefined) {
      at += 1;
      continue;
    }
    let next = at;
    while (next < sent.length && sent[next]?.arrivedAt === undefined) next += 1;
    outages.push({
      packets: next - at,
      first: first.number,
      atMs: first.sentAt - begin,
      forMs: (sent[next]?.sentAt ?? end) - first.sentAt,
    });
    at = next;
  }
  return outages;
}

/** The nearest-rank percentile of sorted samples; NaN without samples. */
function percentile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}
