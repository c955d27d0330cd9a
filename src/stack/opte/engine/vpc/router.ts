import type { Predicate } from "../layer/predicate.ts";
import type { RuleSpec } from "../layer/rule-set.ts";
import type { RouterTarget } from "../layer/router-target.ts";
import { IpPrefix } from "../parse/address.ts";
import { OpteError } from "../port/opte-error.ts";

/** Who made a route: of two to one prefix the custom one wins. */
export type RouterClass = "system" | "custom";

/** A route of the VPC. */
export interface RouterEntry {
  readonly destination: IpPrefix;
  readonly target: RouterTarget;
  readonly class: RouterClass;
}

/** The rule that lets multicast pass: its way is found by the overlay's mapping. */
export const multicastRule: RuleSpec = {
  priority: 0,
  predicates: [
    {
      kind: "any",
      of: [
        { kind: "destination", values: [IpPrefix.parse("224.0.0.0/4")] },
        { kind: "destination", values: [IpPrefix.parse("ff00::/8")] },
      ],
    },
  ],
  action: { kind: "allow" },
};

/** A route as a rule of the router layer: the longer its prefix the earlier. Throws {@link OpteError} if it makes no sense. */
export function routerRule(port: string, entry: RouterEntry): RuleSpec {
  const { destination, target } = entry;
  const longest = destination.family === 4 ? 32 : 128;
  const refuse = (expected: string, found: string): never => {
    throw new OpteError("InvalidRouterEntry", "set route", port, expected, found);
  };
  if (destination.address.isMulticast) refuse("a unicast destination", destination.text);
  const targetFamily = target.address?.family ?? target.prefix?.family;
  if (targetFamily !== undefined && targetFamily !== destination.family) {
    refuse(`a target of IPv${destination.family}`, target.text);
  }
  const predicates: Predicate[] = [{ kind: "destination", values: [destination] }];
  return {
    priority: (((longest - destination.length) << 1) | (entry.class === "system" ? 1 : 0)) + 10,
    predicates,
    action:
      target.class === "drop"
        ? { kind: "deny" }
        : {
            kind: "meta",
            text: target.text,
            apply: (walk) => {
              walk.routerTarget = target;
            },
          },
  };
}
