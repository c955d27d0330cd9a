import { Engine } from "../../../src/stack/ddm/engine/engine.ts";
import { encodeDiscovery } from "../../../src/stack/ddm/engine/discovery-message.ts";
import type { Headers, Input, Output, RouteChange } from "../../../src/stack/ddm/engine/input-output.ts";
import { defaultTimers, type EngineSettings } from "../../../src/stack/ddm/engine/settings.ts";
import { randomSource } from "../../../src/stack/daemon/random.ts";

type Request = Extract<Output, { kind: "request" }>;
type Reply = Extract<Output, { kind: "reply" }>;

/** One engine whose neighbours are played by hand, message by message, the way the reference speaks. */
export class HandPeers {
  now = 0;
  readonly engine: Engine;
  readonly requests: Request[] = [];
  readonly replies: Reply[] = [];
  readonly sent: Extract<Output, { kind: "solicit" | "advertise" }>[] = [];
  readonly routes = new Map<string, RouteChange["nextHops"]>();
  readonly logs: string[] = [];
  #ids = 0;

  constructor(settings: Partial<EngineSettings> = {}) {
    this.engine = new Engine({
      kind: "transit",
      routerId: "t1",
      hostname: "t1",
      sitePrefixes: [],
      boundaryAcrossRacks: false,
      timers: defaultTimers,
      instance: 1,
      random: randomSource("0", "hand"),
      ...settings,
    });
  }

  give(input: Input): void {
    const programmed: string[] = [];
    for (const output of this.engine.handle(input, this.now)) {
      if (output.kind === "request") this.requests.push(output);
      if (output.kind === "reply") this.replies.push(output);
      if (output.kind === "solicit" || output.kind === "advertise") this.sent.push(output);
      if (output.kind === "log") this.logs.push(output.message);
      if (output.kind === "routes") {
        for (const { destination, nextHops } of output.changes) this.routes.set(destination, nextHops);
        programmed.push(
          ...output.changes.filter(({ nextHops }) => nextHops.length > 0).map(({ destination }) => destination),
        );
      }
    }
    // The table is as fast as can be.
    if (programmed.length > 0) this.give({ kind: "programmed", destinations: programmed });
  }

  /** Let time pass, in the steps that the engine asks for. */
  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (let at = this.engine.wakeAt(); at <= end; at = this.engine.wakeAt()) {
      this.now = Math.max(this.now, at);
      this.give({ kind: "wake" });
    }
    this.now = end;
  }

  up(link: string): void {
    this.give({ kind: "interface", link, index: 1, address: "fe80::1", up: true });
  }

  advertise(link: string, from: string, hostname: string, kind: "server" | "transit" = "server", version = 2): void {
    const bytes = encodeDiscovery({ version, solicit: false, advertise: true, kind, hostname });
    this.give({ kind: "datagram", link, from, group: false, bytes });
  }

  /** A peer appears and answers the first pull with this body. */
  peer(link: string, from: string, hostname: string, kind: "server" | "transit" = "server", pull = "{}"): void {
    this.up(link);
    this.advertise(link, from, hostname, kind);
    this.answer(this.requests.pop(), 200, pull);
  }

  answer(request: Request | undefined, status: number, body = "", headers: Headers = {}): void {
    if (request === undefined) throw new Error("no request");
    this.give({ kind: "answer", link: request.link, id: request.id, status, headers, body });
  }

  fail(request: Request | undefined): void {
    if (request === undefined) throw new Error("no request");
    this.give({ kind: "no-answer", link: request.link, id: request.id, reason: "ECONNREFUSED", refused: true });
  }

  /** The answer to a peer's push or pull. */
  exchange(
    link: string,
    from: string,
    operation: "push" | "pull",
    body = "",
    version: 2 | 3 = 2,
    headers: Headers = {},
  ): Reply {
    this.#ids += 1;
    this.give({ kind: "exchange", link, id: this.#ids, from, operation, version, headers, body });
    const reply = this.replies.pop();
    if (reply === undefined) throw new Error("no reply");
    return reply;
  }

  counters(link: string): NonNullable<ReturnType<Engine["router"]["links"]["get"]>>["counters"] {
    const found = this.engine.router.links.get(link);
    if (found === undefined) throw new Error(`no link ${link}`);
    return found.counters;
  }
}

/** The body of a push of version 3. */
export function push(announce: readonly (readonly [string, ...string[]])[], withdraw: typeof announce = []): string {
  const vectors = (items: typeof announce): object[] => items.map(([destination, ...path]) => ({ destination, path }));
  return JSON.stringify({ underlay: { announce: vectors(announce), withdraw: vectors(withdraw) }, tunnel: null });
}
