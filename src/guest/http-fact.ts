import { once } from "node:events";
import { KestrelError } from "../error/kestrel-error.ts";
import type { HttpFact } from "./agent-protocol.ts";
import type { Guest } from "./guest.ts";
import { type HttpAnswer, httpGet } from "./http-get.ts";
import { missingFromJson } from "./json-pattern.ts";

/** The longest that a server may hold its answer; seconds. */
const waitSeconds = 30;

/** What an HTTP server's answer was found to be. */
interface Verdict {
  /** Undefined when the fact holds, else what is the case instead. */
  readonly found: string | undefined;
  readonly tag: string | undefined;
}

/**
 * A function that asks a node's HTTP server once: undefined when the fact holds, else what is the case instead. A server
 * that holds its answers is asked to wait, from the second time on, until it has another than before.
 */
export function httpLook(
  guest: Pick<Guest, "connect">,
  fact: HttpFact,
): (stop: AbortSignal) => Promise<string | undefined> {
  let before: Verdict | undefined;
  return async (stop) => {
    before = await ask(guest, fact, stop, before);
    return before.found;
  };
}

async function ask(
  guest: Pick<Guest, "connect">,
  fact: HttpFact,
  stop: AbortSignal,
  before: Verdict | undefined,
): Promise<Verdict> {
  const tag = before?.tag;
  const answer = httpGet(guest, fact, stop, tag === undefined ? undefined : { tag, waitSeconds });
  answer.catch(() => undefined);
  const late = stop.aborted ? Promise.resolve(undefined) : once(stop, "abort").then(() => undefined);
  try {
    const found = await Promise.race([answer, late]);
    if (found === undefined) return { found: before?.found ?? "no answer", tag };
    if (found.status === 304 && before !== undefined) return before;
    return { found: judge(found, fact), tag: found.tag };
  } catch (error) {
    if (error instanceof KestrelError && error.kind === "input") {
      return { found: error.explanation.found, tag: undefined };
    }
    throw error;
  }
}

function judge({ status, body }: HttpAnswer, { json }: HttpFact): string | undefined {
  if (status !== 200) return status === 0 ? "an answer that is not HTTP" : `status ${status}`;
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return "an answer that is no JSON";
  }
  return missingFromJson(document, json);
}
