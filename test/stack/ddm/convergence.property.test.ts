import fc from "fast-check";
import { expect, test } from "vitest";
import type { NextHop } from "../../../src/stack/ddm/engine/input-output.ts";
import { SimulatedNetwork } from "./simulated-network.ts";

interface Cable {
  readonly a: string;
  readonly b: string;
  working: boolean;
}

/** What routers should have found out, by looking at the whole network at once. */
class Truth {
  readonly kinds = new Map<string, "server" | "transit">();
  readonly cables: Cable[] = [];
  readonly running = new Set<string>();
  readonly originated = new Map<string, Set<string>>();

  /** The forwarding table of a router: for each destination the names of the neighbours that are nearest to an originator. */
  fib(router: string): Map<string, string[]> {
    const table = new Map<string, string[]>();
    for (const prefix of new Set([...this.originated.values()].flatMap((keys) => [...keys]))) {
      if (this.originated.get(router)?.has(prefix) === true) continue;
      const distance = this.#distances(prefix);
      const neighbours = this.#neighbours(router).filter((name) => this.#passesOn(name, prefix) && distance.has(name));
      const nearest = Math.min(...neighbours.map((name) => distance.get(name) ?? Number.POSITIVE_INFINITY));
      const hops = neighbours.filter((name) => distance.get(name) === nearest).sort();
      if (hops.length > 0 && nearest < (distance.get(router) ?? Number.POSITIVE_INFINITY)) table.set(prefix, hops);
    }
    return table;
  }

  #distances(prefix: string): Map<string, number> {
    const distances = new Map<string, number>();
    let edge = [...this.running].filter((name) => this.originated.get(name)?.has(prefix));
    for (let distance = 0; edge.length > 0; distance += 1) {
      for (const name of edge) distances.set(name, distance);
      const next = edge.filter((name) => this.#passesOn(name, prefix)).flatMap((name) => this.#neighbours(name));
      edge = [...new Set(next)].filter((name) => !distances.has(name));
    }
    return distances;
  }

  #passesOn(name: string, prefix: string): boolean {
    return this.kinds.get(name) === "transit" || this.originated.get(name)?.has(prefix) === true;
  }

  #neighbours(router: string): string[] {
    if (!this.running.has(router)) return [];
    return this.cables
      .filter(({ a, b, working }) => working && [a, b].includes(router))
      .map(({ a, b }) => (a === router ? b : a))
      .filter((name) => this.running.has(name));
  }
}

const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("originate" as const), router: fc.nat(), prefix: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("withdraw" as const), router: fc.nat(), prefix: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom("stop" as const, "kill" as const, "start" as const),
      router: fc.nat(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom("cut" as const, "heal" as const, "unplug" as const),
      cable: fc.nat(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("expire" as const), router: fc.nat(), link: fc.nat(3) }) },
);

const scenario = fc.record({
  transits: fc.integer({ min: 1, max: 5 }),
  servers: fc.integer({ min: 1, max: 4 }),
  cables: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 }),
  events: fc.array(fc.tuple(event, fc.integer({ min: 0, max: 4000 })), { maxLength: 14 }),
  loss: fc.constantFrom(0, 0, 0.1, 0.3),
  seed: fc.integer(),
});

test("any network comes to what a look at the whole of it says, after any events", () => {
  fc.assert(
    fc.property(scenario, ({ transits, servers, cables, events, loss, seed }) => {
      const network = new SimulatedNetwork(String(seed));
      const truth = new Truth();
      const names = [
        ...Array.from({ length: transits }, (_, at) => `t${at}`),
        ...Array.from({ length: servers }, (_, at) => `s${at}`),
      ];
      for (const name of names) {
        const kind = name.startsWith("t") ? "transit" : "server";
        network.router(name, { kind });
        truth.kinds.set(name, kind);
        truth.running.add(name);
        truth.originated.set(name, new Set());
      }
      for (const [one, other] of cables) {
        const [a, b] = [names[one % names.length] ?? "", names[other % names.length] ?? ""];
        if (a === b || truth.cables.some((cable) => [cable.a, cable.b].sort().join() === [a, b].sort().join()))
          continue;
        network.wire(a, b);
        truth.cables.push({ a, b, working: true });
      }
      network.impairment = { loss, delayMs: 30 };
      for (const [each, pause] of events) {
        happen(network, truth, names, each);
        network.run(pause);
      }
      network.impairment = { loss: 0, delayMs: 30 };
      // Routers that began last wait for silent neighbours until their grace time ends.
      network.run(30_000);
      for (const name of truth.running) {
        const found = new Map(
          [...network.fib(name)].map(([prefix, hops]) => [prefix, neighbourNames(network, name, hops).sort()]),
        );
        expect(Object.fromEntries(found), name).toEqual(Object.fromEntries(truth.fib(name)));
        const known = [...network.engine(name).router.rib.entries()].filter(({ originated }) => !originated);
        expect(known.map(({ key }) => key).sort(), `${name} knows`).toEqual([...found.keys()].sort());
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);

function happen(
  network: SimulatedNetwork,
  truth: Truth,
  names: readonly string[],
  event: {
    readonly what: "originate" | "withdraw" | "stop" | "kill" | "start" | "cut" | "heal" | "unplug" | "expire";
    readonly router?: number;
    readonly prefix?: number;
    readonly cable?: number;
    readonly link?: number;
  },
): void {
  const name = names[(event.router ?? 0) % names.length] ?? "";
  const cable = truth.cables[(event.cable ?? 0) % truth.cables.length];
  const prefix = `fd00:${(event.prefix ?? 0) + 1}::/64`;
  switch (event.what) {
    case "originate":
      if (!network.runs(name)) return;
      network.originate(name, prefix);
      truth.originated.get(name)?.add(prefix);
      return;
    case "withdraw":
      if (network.runs(name)) network.withdraw(name, prefix);
      else network.forgetOnDisk(name, prefix);
      truth.originated.get(name)?.delete(prefix);
      return;
    case "stop":
      network.stop(name);
      truth.running.delete(name);
      return;
    case "kill":
      network.kill(name);
      truth.running.delete(name);
      return;
    case "start":
      if (network.runs(name)) return;
      network.start(name);
      truth.running.add(name);
      return;
    case "expire": {
      if (!network.runs(name)) return;
      const link = network.engine(name).router.links.get(`if${event.link ?? 0}`);
      network.input(name, { kind: "expire", address: link?.session?.identity.address ?? "" });
      return;
    }
    case "cut":
    case "heal":
    case "unplug":
      if (cable === undefined) return;
      cable.working = event.what === "heal";
      if (event.what === "cut") network.cut(cable.a, cable.b);
      else network.unplug(cable.a, cable.b, event.what === "unplug");
  }
}

function neighbourNames(network: SimulatedNetwork, name: string, hops: readonly NextHop[]): string[] {
  return hops.map(({ link }) => network.engine(name).router.links.get(link)?.session?.identity.hostname ?? "?");
}
