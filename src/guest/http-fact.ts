import { once } from "node:events";
import { KestrelError } from "../error/kestrel-error.ts";
import type { HttpFact } from "./agent-protocol.ts";
import type { Guest } from "./guest.ts";
import { type HttpAnswer, httpGet } from "./http-get.ts";
import { missingFromJson } from "./json-pattern.ts";

/** Ask a node's HTTP server once: undefined when the fact holds, else what is the case instead. */
export async function lookOverHttp(
  guest: Pick<Guest, "connect">,
  fact: HttpFact,
  stop: AbortSignal,
): Promise<string | undefined> {
  const answer = httpGet(guest, fact, stop);
  answer.catch(() => undefined);
  const late = stop.aborted ? Promise.resolve(undefined) : once(stop, "abort").then(() => undefined);
  try {
    const found = await Promise.race([answer, late]);
    return found === undefined ? "no answer" : judge(found, fact);
  } catch (error) {
    if (error instanceof KestrelError && error.kind === "input") return error.explanation.found;
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
