import { KestrelError } from "../error/kestrel-error.ts";
import { parseAcknowledgements } from "../netdev/netlink-message.ts";
import type { AgentCalls } from "./agent-guest.ts";
import type { GuestFacts, Hardware, OperationResult } from "./agent-protocol.ts";
import { type IdentityStep, identitySteps } from "./identity-operations.ts";
import type { Identity } from "./identity.ts";

/**
 * Make a machine the node that `identity` describes. The same identity again changes nothing.
 *
 * @throws KestrelError (input) with everything that could not be done and why
 */
export async function takeIdentity(calls: AgentCalls, identity: Identity, signal?: AbortSignal): Promise<GuestFacts> {
  const startedAt = performance.now();
  const hardware = await calls.request<Hardware>("hardware", undefined, { signal });
  const steps = identitySteps(identity, hardware);
  const operations = steps.map(({ operation }) => operation);
  const results = await calls.request<readonly OperationResult[]>("apply", { operations }, { signal });
  const faults = steps.flatMap((step, at) => {
    const fault = faultOf(step, results[at]);
    return fault === undefined ? [] : [`${step.words}: ${fault}`];
  });
  if (faults.length > 0) {
    throw new KestrelError({
      kind: "input",
      step: "take the identity",
      subject: identity.hostname,
      expected: "names, addresses, routes and parameters that the kernel takes",
      found: faults.join("; "),
    });
  }
  return { hostname: identity.hostname, tookMs: Math.round(performance.now() - startedAt) };
}

function faultOf(step: IdentityStep, result: OperationResult | undefined): string | undefined {
  if (result === undefined) return "no answer";
  if (result.error !== null) return step.explain?.(result.error) ?? result.error;
  if (result.said === null) return undefined;
  const [answer] = parseAcknowledgements(Buffer.from(result.said, "base64"));
  return answer === undefined ? "no answer of the kernel's" : answer.refusal;
}
