import { dns, type Dns } from "../../packet/index.ts";
import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import { type DnsSocket, openDnsSocket } from "./dns-socket.ts";
import { ttls } from "./engine/directory.ts";
import {
  type NameAnswer,
  type NameQuestion,
  newResolver,
  type ResolverInput,
  type ResolverState,
  stepResolver,
} from "./engine/resolver.ts";

/** Where a name server answers. */
export interface NameServerPlace {
  readonly address: string;
  readonly port: number;
}

/** Asks name servers, and remembers what they said. */
export class NameResolver implements AsyncDisposable {
  readonly #servers: readonly NameServerPlace[];
  readonly #waiting = new Map<number, (answer: NameAnswer) => void>();
  readonly #timer = new WakeTimer(() => {
    this.#step({ kind: "tick" });
  });
  #socket: DnsSocket | undefined;
  #state: ResolverState;
  #tokens = 0;

  private constructor(servers: readonly NameServerPlace[]) {
    this.#servers = servers;
    this.#state = newResolver(servers.length);
  }

  /** Addresses of servers are of one family, in their canonical form. Rejects with the error of bind(2). */
  static async open(servers: readonly NameServerPlace[]): Promise<NameResolver> {
    const resolver = new NameResolver(servers);
    const address = servers[0]?.address.includes(":") === false ? "0.0.0.0" : "::";
    resolver.#socket = await openDnsSocket({ address, port: 0 }, (message, from) => {
      const server = servers.findIndex((each) => each.address === from.address && each.port === from.port);
      if (server >= 0) resolver.#take(server, message);
    });
    return resolver;
  }

  /** What the servers say to a question; that they fail is an answer. */
  ask(question: NameQuestion): Promise<NameAnswer> {
    const { promise, resolve } = Promise.withResolvers<NameAnswer>();
    this.#tokens += 1;
    this.#waiting.set(this.#tokens, resolve);
    this.#step({ kind: "ask", question, token: this.#tokens });
    return promise;
  }

  #take(server: number, { response, id, rcode, questions, answers }: Dns): void {
    const [question] = questions;
    if (!response || question === undefined || (rcode !== "no-error" && rcode !== "name-error")) return;
    const times = answers.flatMap((record) => ("ttl" in record ? [record.ttl] : []));
    const ttl = times.length === 0 ? ttls.absence : Math.min(...times);
    this.#step({ kind: "answered", server, id, question, answer: { rcode, records: answers, ttl } });
  }

  #step(input: ResolverInput): void {
    const { state, outputs, wakeMs } = stepResolver(this.#state, input, monotonicMs());
    this.#state = state;
    this.#timer.set(wakeMs);
    for (const output of outputs) {
      if (output.kind === "send") {
        const { server, id, question } = output;
        const place = this.#servers[server];
        const questions = [{ ...question, class: "IN" as const }];
        if (place !== undefined) this.#socket?.send(dns({ id, recursionDesired: false, questions }), place);
      } else {
        this.#waiting.get(output.token)?.(output.answer);
        this.#waiting.delete(output.token);
      }
    }
  }

  /** Who still waits is not answered any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    await this.#socket?.[Symbol.asyncDispose]();
  }
}

/** Ask one server one question. */
export async function resolveName(server: NameServerPlace, question: NameQuestion): Promise<NameAnswer> {
  await using resolver = await NameResolver.open([server]);
  return await resolver.ask(question);
}
