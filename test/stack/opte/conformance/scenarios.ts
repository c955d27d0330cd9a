import { forwardingScenarios } from "./forwarding-scenarios.ts";
import { gatewayScenarios } from "./gateway-scenarios.ts";
import { natScenarios } from "./nat-scenarios.ts";
import { portScenarios } from "./port-scenarios.ts";
import type { Scenario } from "./scenario.ts";
import { sizeScenarios } from "./size-scenarios.ts";

/** All rows of the conformance table, by their ids. */
export const scenarios: readonly Scenario[] = [
  ...portScenarios,
  ...gatewayScenarios,
  ...forwardingScenarios,
  ...natScenarios,
  ...sizeScenarios,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
