import { z } from "zod";
import { KestrelError } from "../../error/kestrel-error.ts";
import { type Guest, type HttpAnswer, httpGet, type HttpPlace, httpSend } from "../../guest/index.ts";
import type { Testbed } from "../../testbed/index.ts";
import { daemonPorts } from "../daemon-ports.ts";
import { fabricOf } from "../fabric.ts";

/** For a control plane that is emulated and busy. */
const deadlineMs = 60_000;
const longestHeldSeconds = 30;

/** Values of a query; what is undefined is left out. */
export type Query = Readonly<Record<string, string | undefined>>;

/** nexus of a testbed, asked over its node's own line: no NIC takes part. */
export class NexusClient {
  readonly #guest: Pick<Guest, "connect">;
  /** The node that it is on. */
  readonly node: string;

  constructor(guest: Pick<Guest, "connect">, node: string) {
    this.#guest = guest;
    this.node = node;
  }

  /** @throws KestrelError (input) when the testbed has no racks */
  static async of(testbed: Testbed): Promise<NexusClient> {
    const first = fabricOf(testbed.plan).racks[0]?.sleds[0]?.node.name;
    if (first === undefined) {
      throw new KestrelError({
        kind: "input",
        step: "ask nexus",
        subject: testbed.name,
        expected: "a testbed with a sled, which nexus is on",
        found: "none",
        hint: "kestrel up topologies/trio.yaml",
      });
    }
    return new NexusClient(await testbed.node(first).guest(), first);
  }

  /** Ask for something. @throws KestrelError (input) with what nexus said, or that it does not answer */
  async get<Schema extends z.ZodType>(path: string, query: Query, schema: Schema): Promise<z.output<Schema>> {
    return schema.parse(await this.#ask("GET", path, query));
  }

  /**
   * Ask for something until it is as wanted: nexus holds its answer until something changes. @throws KestrelError (input) when it is
   * not so in time, or as for {@link NexusClient.get}
   */
  async waitFor<Schema extends z.ZodType>(
    { path, query, withinMs }: { readonly path: string; readonly query: Query; readonly withinMs: number },
    schema: Schema,
    isWanted: (value: z.output<Schema>) => boolean,
  ): Promise<z.output<Schema>> {
    const signal = AbortSignal.timeout(withinMs);
    let tag: string | undefined;
    for (let body = ""; ;) {
      const known = tag === undefined ? undefined : { tag, waitSeconds: longestHeldSeconds };
      const answer = await httpGet(this.#guest, placeOf(path, query), signal, known);
      if (signal.aborted) {
        const found = body === "" ? "no answer" : body;
        throw new KestrelError({ kind: "input", step: "wait for nexus", subject: path, found });
      }
      if (answer.status === 304) continue;
      const value = schema.parse(valueOf("GET", path, answer));
      if (isWanted(value)) return value;
      ({ tag, body } = answer);
    }
  }

  /** All items of a list. @throws KestrelError as for {@link NexusClient.get} */
  async list<Schema extends z.ZodType>(path: string, query: Query, item: Schema): Promise<readonly z.output<Schema>[]> {
    const page = z.object({ items: z.array(item), next_page: z.string().nullish() });
    const items: z.output<Schema>[] = [];
    for (let token: string | undefined; ;) {
      // Of what comes after the first page, the token knows all but the parent.
      const next = await this.get(path, { ...query, page_token: token }, page);
      items.push(...next.items);
      if (next.next_page === undefined || next.next_page === null) return items;
      token = next.next_page;
    }
  }

  /** Have something done. @throws KestrelError as for {@link NexusClient.get} */
  send(method: "POST" | "PUT" | "DELETE", path: string, query: Query, body?: unknown): Promise<unknown> {
    return this.#ask(method, path, query, body);
  }

  async #ask(method: "GET" | "POST" | "PUT" | "DELETE", path: string, query: Query, body?: unknown): Promise<unknown> {
    const place = placeOf(path, query);
    const signal = AbortSignal.timeout(deadlineMs);
    const answer =
      method === "GET"
        ? await httpGet(this.#guest, place, signal)
        : await httpSend(this.#guest, place, signal, method, body);
    return valueOf(method, path, answer);
  }
}

function placeOf(path: string, query: Query): HttpPlace {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const search = new URLSearchParams(given).toString();
  return { ...daemonPorts.nexusd, path: search === "" ? path : `${path}?${search}` };
}

/** What an answer says. @throws KestrelError when it is a refusal */
function valueOf(method: string, path: string, { status, body }: HttpAnswer): unknown {
  const value = body === "" ? undefined : (JSON.parse(body) as unknown);
  if (status >= 200 && status < 300) return value;
  throw new KestrelError({
    kind: status >= 500 ? "internal" : "input",
    step: "ask nexus",
    subject: `${method} ${path}`,
    found: refusal.safeParse(value).data?.message ?? `status ${status}`,
  });
}

const refusal = z.object({ message: z.string() });
