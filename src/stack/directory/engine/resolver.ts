import type { DnsRecord, DnsType } from "../../../packet/index.ts";

/** Times of the resolver, milliseconds. */
export const resolverTimes = {
  /** How long a server is waited for before the other one is asked too, and so on. */
  patienceMs: 300,
  /** After that a question has no answer: guests ask again after 5 s. */
  deadlineMs: 3000,
  /** How long nothing is waited for, after no server has answered, where there is an old answer. */
  silenceMs: 10_000,
  /** How long an old answer is kept for when no server answers (RFC 8767). */
  staleMs: 86_400_000,
} as const;

/** Most questions that are waited for, and most answers that are kept. */
export const resolverLimits = { pending: 512, answers: 8192 } as const;

/** What is asked. */
export interface NameQuestion {
  readonly name: string;
  readonly type: DnsType;
}

/** What is told: `ttl` is for how many seconds it may be believed. */
export interface NameAnswer {
  readonly rcode: "no-error" | "name-error" | "server-failure";
  readonly records: readonly DnsRecord[];
  readonly ttl: number;
}

interface Kept {
  readonly answer: NameAnswer;
  readonly sinceMs: number;
}

interface Pending {
  readonly question: NameQuestion;
  readonly id: number;
  readonly sinceMs: number;
  /** How many times a server was asked. */
  readonly asked: number;
  readonly dueMs: number;
  readonly waiting: readonly number[];
}

/** The resolver's state. */
export interface ResolverState {
  readonly servers: number;
  /** The one that is asked first: that which answered last. */
  readonly preferred: number;
  readonly nextId: number;
  readonly silentUntilMs: number;
  readonly kept: ReadonlyMap<string, Kept>;
  readonly pending: ReadonlyMap<string, Pending>;
}

/** What happens to the resolver. */
export type ResolverInput =
  /** `token` comes back with the answer. */
  | { readonly kind: "ask"; readonly question: NameQuestion; readonly token: number }
  | {
      readonly kind: "answered";
      readonly server: number;
      readonly id: number;
      readonly question: NameQuestion;
      readonly answer: NameAnswer;
    }
  | { readonly kind: "tick" };

/** What is to be done. */
export type ResolverOutput =
  | { readonly kind: "send"; readonly server: number; readonly id: number; readonly question: NameQuestion }
  | { readonly kind: "resolve"; readonly token: number; readonly answer: NameAnswer };

/** One step: the state after it, what to do, and when to tick next. */
export interface ResolverStep {
  readonly state: ResolverState;
  readonly outputs: readonly ResolverOutput[];
  readonly wakeMs: number | undefined;
}

/** A resolver that knows nothing, of so many servers. */
export function newResolver(servers: number): ResolverState {
  return { servers, preferred: 0, nextId: 1, silentUntilMs: -Infinity, kept: new Map(), pending: new Map() };
}

const failure: NameAnswer = { rcode: "server-failure", records: [], ttl: 0 };

/**
 * Answer from what is known, and ask the servers for the rest: first the one that answered last, then, while nobody answers, one
 * after the other. An answer that is too old is told while no server answers.
 */
export function stepResolver(before: ResolverState, input: ResolverInput, nowMs: number): ResolverStep {
  const kept = new Map(before.kept);
  const pending = new Map(before.pending);
  const outputs: ResolverOutput[] = [];
  let { preferred, nextId, silentUntilMs } = before;
  const resolve = (waiting: readonly number[], answer: NameAnswer): void => {
    for (const token of waiting) outputs.push({ kind: "resolve", token, answer });
  };
  const send = (key: string, each: Omit<Pending, "dueMs">): void => {
    const server = (preferred + each.asked) % before.servers;
    outputs.push({ kind: "send", server, id: each.id, question: each.question });
    pending.set(key, { ...each, asked: each.asked + 1, dueMs: nowMs + resolverTimes.patienceMs });
  };
  switch (input.kind) {
    case "ask": {
      const { question, token } = input;
      const key = keyOf(question);
      const known = kept.get(key);
      const age = known === undefined ? Infinity : nowMs - known.sinceMs;
      const isFresh = known !== undefined && age < known.answer.ttl * 1000;
      const isTold = isFresh || (nowMs < silentUntilMs && age < resolverTimes.staleMs);
      if (known !== undefined && isTold) resolve([token], aged(known, nowMs));
      if (isFresh) break;
      const waiting = isTold ? [] : [token];
      const already = pending.get(key);
      if (already !== undefined) pending.set(key, { ...already, waiting: [...already.waiting, ...waiting] });
      else if (before.servers === 0 || pending.size >= resolverLimits.pending) resolve(waiting, failure);
      else send(key, { question, id: nextId++ & 0xffff, sinceMs: nowMs, asked: 0, waiting });
      break;
    }
    case "answered": {
      const key = keyOf(input.question);
      const asked = pending.get(key);
      if (asked?.id !== input.id) break;
      pending.delete(key);
      preferred = input.server;
      silentUntilMs = -Infinity;
      resolve(asked.waiting, input.answer);
      kept.delete(key);
      kept.set(key, { answer: input.answer, sinceMs: nowMs });
      if (kept.size > resolverLimits.answers) kept.delete(kept.keys().next().value ?? key);
      break;
    }
    case "tick":
      break;
  }
  for (const [key, each] of [...pending]) {
    if (each.dueMs > nowMs) continue;
    if (nowMs - each.sinceMs < resolverTimes.deadlineMs) {
      send(key, each);
      continue;
    }
    pending.delete(key);
    silentUntilMs = nowMs + resolverTimes.silenceMs;
    const known = kept.get(key);
    const isUsable = known !== undefined && nowMs - known.sinceMs < resolverTimes.staleMs;
    resolve(each.waiting, isUsable ? aged(known, nowMs) : failure);
  }
  const due = [...pending.values()].map(({ dueMs }) => dueMs);
  return {
    state: { servers: before.servers, preferred, nextId, silentUntilMs, kept, pending },
    outputs,
    wakeMs: due.length === 0 ? undefined : Math.min(...due),
  };
}

function keyOf({ name, type }: NameQuestion): string {
  return `${name.toLowerCase()} ${type}`;
}

/** An answer as old as it is; one that is too old may be believed for a second. */
function aged({ answer, sinceMs }: Kept, nowMs: number): NameAnswer {
  const ttl = Math.max(1, answer.ttl - Math.floor((nowMs - sinceMs) / 1000));
  return { ...answer, ttl, records: answer.records.map((record) => ("ttl" in record ? { ...record, ttl } : record)) };
}
