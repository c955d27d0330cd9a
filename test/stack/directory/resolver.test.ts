import { describe, expect, test } from "vitest";
import {
  type NameAnswer,
  newResolver,
  type ResolverInput,
  type ResolverOutput,
  resolverTimes,
  stepResolver,
} from "../../../src/stack/directory/engine/resolver.ts";

const question = { name: "db.100.vpc.internal", type: "A" } as const;
const found: NameAnswer = {
  rcode: "no-error",
  records: [{ ...{ name: question.name, class: "IN", ttl: 5, type: "A", address: "172.30.0.5" } }],
  ttl: 5,
};

/** A resolver of two servers, with a clock of its own. */
class Bench {
  #state = newResolver(2);
  now = 1000;
  wakeMs: number | undefined;

  step(input: ResolverInput): readonly ResolverOutput[] {
    const { state, outputs, wakeMs } = stepResolver(this.#state, input, this.now);
    this.#state = state;
    this.wakeMs = wakeMs;
    return outputs;
  }

  ask(token: number, name: string = question.name): readonly ResolverOutput[] {
    return this.step({ kind: "ask", question: { ...question, name }, token });
  }

  answer(server: number, id: number, name: string = question.name): readonly ResolverOutput[] {
    return this.step({ kind: "answered", server, id, question: { ...question, name }, answer: found });
  }

  /** Let time pass until nothing is waited for; what was done on the way. */
  silence(): readonly ResolverOutput[] {
    const outputs: ResolverOutput[] = [];
    while (this.wakeMs !== undefined) {
      this.now = Math.max(this.now, this.wakeMs);
      outputs.push(...this.step({ kind: "tick" }));
    }
    return outputs;
  }
}

describe("the resolver", () => {
  test("asks once for all who want to know, and answers from what it knows for as long as that is true", () => {
    const bench = new Bench();
    expect(bench.ask(1)).toEqual([{ kind: "send", server: 0, id: 1, question }]);
    expect(bench.ask(2)).toEqual([]);
    expect(bench.answer(0, 1).map((output) => output.kind === "resolve" && output.token)).toEqual([1, 2]);
    bench.now += 3000;
    expect(bench.ask(3)).toEqual([
      {
        kind: "resolve",
        token: 3,
        answer: { ...found, ttl: 2, records: [expect.objectContaining({ ttl: 2, address: "172.30.0.5" })] },
      },
    ]);
    bench.now += 2000;
    expect(bench.ask(4)).toMatchObject([{ kind: "send" }]);
  });

  test("asks the other server when one is silent, and that one first from then on", () => {
    const bench = new Bench();
    bench.ask(1);
    expect(bench.wakeMs).toBe(bench.now + resolverTimes.patienceMs);
    bench.now += resolverTimes.patienceMs;
    expect(bench.step({ kind: "tick" })).toMatchObject([{ kind: "send", server: 1, id: 1 }]);
    expect(bench.answer(1, 1)).toMatchObject([{ kind: "resolve", token: 1 }]);
    expect(bench.wakeMs).toBeUndefined();
    expect(bench.ask(2, "other")).toMatchObject([{ kind: "send", server: 1 }]);
    // The first one's answer that comes late is as good.
    bench.now += resolverTimes.patienceMs;
    bench.step({ kind: "tick" });
    expect(bench.answer(0, 2, "other")).toMatchObject([{ kind: "resolve", token: 2 }]);
  });

  test("takes no answer to what it did not ask", () => {
    const bench = new Bench();
    bench.ask(1);
    expect(bench.answer(0, 2)).toEqual([]);
    expect(bench.answer(0, 1, "other")).toEqual([]);
    expect(bench.answer(0, 1)).toHaveLength(1);
    expect(bench.answer(0, 1)).toEqual([]);
  });

  test("without any server says so in time, and what it once knew goes on", () => {
    const bench = new Bench();
    const began = bench.now;
    bench.ask(1);
    expect(bench.silence().at(-1)).toMatchObject({ kind: "resolve", token: 1, answer: { rcode: "server-failure" } });
    expect(bench.now - began).toBeLessThanOrEqual(resolverTimes.deadlineMs + resolverTimes.patienceMs);
    bench.ask(2);
    bench.answer(0, 2);
    bench.now += 60_000;
    bench.ask(3);
    const old = { rcode: "no-error", ttl: 1, records: [{ address: "172.30.0.5", ttl: 1 }] };
    expect(bench.silence().at(-1)).toMatchObject({ kind: "resolve", token: 3, answer: old });
    // It is known that nobody answers: that is not waited for again, but tried.
    expect(bench.ask(4)).toMatchObject([{ kind: "resolve", token: 4, answer: old }, { kind: "send" }]);
    bench.now += resolverTimes.staleMs;
    bench.silence();
    bench.now += resolverTimes.silenceMs;
    bench.ask(5);
    expect(bench.silence().at(-1)).toMatchObject({ token: 5, answer: { rcode: "server-failure" } });
  });
});
