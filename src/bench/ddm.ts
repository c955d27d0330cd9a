import { randomSource } from "../stack/daemon/random.ts";
import { Engine } from "../stack/ddm/engine/engine.ts";
import { encodeDiscovery } from "../stack/ddm/engine/discovery-message.ts";
import type { Input, Output } from "../stack/ddm/engine/input-output.ts";
import { defaultTimers } from "../stack/ddm/engine/settings.ts";
import type { Benchmark } from "./benchmark.ts";
import { median, rounded } from "./statistics.ts";

const peers = 16;
const largeTable = 10_000;
const smallTable = 100;
const changes = 400;
const perPush = 1000;

/** The routing daemon's engine: a transit router with 16 peers, and what one change costs it in a small and a large table. */
export const ddm: Benchmark = {
  description: `routing engine: cost of a change with ${peers} peers, in tables of ${smallTable} and ${largeTable} prefixes`,
  run() {
    // The first is run to have the code compiled.
    measure(smallTable);
    const small = measure(smallTable);
    const large = measure(largeTable);
    return Promise.resolve({
      peers,
      small,
      large,
      changeCostRatio: rounded(large.changeMicroseconds / small.changeMicroseconds, 2),
    });
  },
};

interface TableFigures {
  readonly prefixes: number;
  /** From the first push of one peer until all others have everything. */
  readonly loadMilliseconds: number;
  readonly heapMegabytes: number;
  /** One prefix announced or withdrawn by one peer, told to the 15 others. */
  readonly changeMicroseconds: number;
  /** A peer is lost that told of everything by another path. */
  readonly expireMilliseconds: number;
}

function measure(prefixes: number): TableFigures {
  const heapBefore = process.memoryUsage().heapUsed;
  const router = new BusyRouter();
  const keys = Array.from(
    { length: prefixes },
    (_, at) => `fd00:1:${(at >> 8).toString(16)}:${(at & 0xff).toString(16)}::/64`,
  );
  const loadBegin = performance.now();
  for (const from of [0, 1]) {
    for (let at = 0; at < keys.length; at += perPush) router.push(from, keys.slice(at, at + perPush), []);
  }
  const loadMilliseconds = performance.now() - loadBegin;
  const heapMegabytes = (process.memoryUsage().heapUsed - heapBefore) / 1e6;
  const samples = Array.from({ length: changes }, (_, at) => {
    const begin = performance.now();
    const fresh = [`fd00:2:0:${(at >> 1).toString(16)}::/64`];
    if (at % 2 === 0) router.push(2, fresh, []);
    else router.push(2, [], fresh);
    return (performance.now() - begin) * 1000;
  });
  const expireBegin = performance.now();
  router.unplug(0);
  const expireMilliseconds = performance.now() - expireBegin;
  return {
    prefixes,
    loadMilliseconds: rounded(loadMilliseconds),
    heapMegabytes: rounded(heapMegabytes),
    changeMicroseconds: rounded(median(samples)),
    expireMilliseconds: rounded(expireMilliseconds),
  };
}

/** An engine whose peers take everything at once. */
class BusyRouter {
  readonly #engine = new Engine({
    kind: "transit",
    routerId: "t1",
    hostname: "t1",
    sitePrefixes: [],
    boundaryAcrossRacks: false,
    timers: defaultTimers,
    instance: 1,
    random: randomSource("bench", "ddm"),
  });
  #exchanges = 0;

  constructor() {
    for (let peer = 0; peer < peers; peer += 1) {
      const link = linkOf(peer);
      this.#give({ kind: "interface", link, index: peer + 1, address: "fe80::1", up: true });
      const message = { version: 2, solicit: false, advertise: true, kind: "server", hostname: `s${peer}` } as const;
      this.#give({ kind: "datagram", link, from: addressOf(peer), group: false, bytes: encodeDiscovery(message) });
      this.#exchange(peer, "pull", "");
    }
  }

  push(peer: number, announce: readonly string[], withdraw: readonly string[]): void {
    const vectors = (keys: readonly string[]): object[] =>
      keys.map((destination) => ({ destination, path: [`s${peer}`] }));
    const body = { underlay: { announce: vectors(announce), withdraw: vectors(withdraw) }, tunnel: null };
    this.#exchange(peer, "push", JSON.stringify(body));
  }

  unplug(peer: number): void {
    this.#give({ kind: "interface", link: linkOf(peer), index: peer + 1, address: undefined, up: false });
  }

  #exchange(peer: number, operation: "push" | "pull", body: string): void {
    this.#exchanges += 1;
    const id = this.#exchanges;
    const headers = headersOf(peer);
    this.#give({
      kind: "exchange",
      link: linkOf(peer),
      id,
      from: addressOf(peer),
      operation,
      version: 3,
      headers,
      body,
    });
  }

  #give(input: Input): void {
    const waiting: Output[] = [...this.#engine.handle(input, 0)];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (next.kind === "routes") {
        const programmed = next.changes.filter(({ nextHops }) => nextHops.length > 0);
        const destinations = programmed.map(({ destination }) => destination);
        waiting.push(...this.#engine.handle({ kind: "programmed", destinations }, 0));
      }
      if (next.kind !== "request") continue;
      const { link, id } = next;
      const headers = headersOf(Number(link.slice("rear".length)));
      waiting.push(...this.#engine.handle({ kind: "answer", link, id, status: 200, headers, body: "{}" }, 0));
    }
  }
}

function linkOf(peer: number): string {
  return `rear${peer}`;
}

function addressOf(peer: number): string {
  return `fe80::1:${(peer + 1).toString(16)}`;
}

function headersOf(peer: number): Readonly<Record<string, string>> {
  return { "ddm-router": `s${peer}`, "ddm-instance": "1", "ddm-body-limit": "1048576" };
}
