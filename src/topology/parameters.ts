import { nameHint, type DocumentPath } from "../document/index.ts";
import type { Scalar, Variables } from "./expression.ts";
import type { FaultLog } from "./fault-log.ts";
import type { BlueprintDeclaration } from "./schema.ts";

/** Names that expressions know without a declaration. */
const reserved = ["i", "node", "instance", "hex"];

/**
 * The variables of a blueprint or topology: given values over defaults, and those that are built in.
 *
 * @param places - where the parameters are declared (`owner`), and where their values are given (`user`)
 */
export function bindParameters(
  declared: BlueprintDeclaration["parameters"] = {},
  given: Readonly<Record<string, Scalar>>,
  places: { readonly owner: DocumentPath; readonly user: DocumentPath },
  builtIn: ReadonlyMap<string, Scalar>,
  log: FaultLog,
): Variables {
  const variables = new Map(builtIn);
  for (const [name, value] of Object.entries(declared)) {
    const chosen = Object.hasOwn(given, name) ? given[name] : value;
    if (chosen === null || chosen === undefined) {
      const hint = places.user.length === 0 ? "give it a value under `parameters:`" : "add it under `with:`";
      log.report([places.user], [], `the parameter ${JSON.stringify(name)} is not given`, hint, "key");
    }
    // A value of any kind keeps what uses the parameter from being reported as well.
    variables.set(name, chosen ?? 0);
    if (reserved.includes(name)) {
      const message = `the name ${JSON.stringify(name)} has a meaning of its own`;
      log.report([places.owner], ["parameters", name], message, undefined, "key");
    }
  }
  for (const name of Object.keys(given).filter((one) => !Object.hasOwn(declared, one))) {
    const message = `there is no parameter ${JSON.stringify(name)}`;
    log.report([places.user], ["with", name], message, nameHint(name, Object.keys(declared)), "key");
  }
  return variables;
}
