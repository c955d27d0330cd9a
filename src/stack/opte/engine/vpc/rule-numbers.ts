import type { Direction, Layer } from "../layer/layer.ts";
import type { RuleNumbers } from "../layer/rule-set.ts";
import type { VpcPort } from "./vpc-port.ts";

/** Ids and counters of one direction of a layer. */
export interface SavedSide extends RuleNumbers {
  readonly defaultHits: number;
}

/** Ids and counters of a port's rules, by layer, as JSON. */
export type PortRuleNumbers = Readonly<Record<string, Readonly<Record<Direction, SavedSide>>>>;

/** Save ids and counters of the rules of a port. */
export function saveRuleNumbers({ port }: VpcPort): PortRuleNumbers {
  return Object.fromEntries(
    port.layers.map((layer) => [layer.name, { in: saved(layer, "in"), out: saved(layer, "out") }]),
  );
}

function saved(layer: Layer, direction: Direction): SavedSide {
  const { rules, defaultHits } = layer.side(direction);
  return { ...rules.numbers, defaultHits };
}

/** Bring them into a port that has been made anew with the same rules: each is what it was to who knew its id. */
export function restoreRuleNumbers({ port }: VpcPort, numbers: PortRuleNumbers): void {
  for (const layer of port.layers) {
    for (const direction of ["in", "out"] as const) {
      const side = numbers[layer.name]?.[direction];
      if (side === undefined) continue;
      layer.side(direction).rules.restoreNumbers(side);
      layer.side(direction).defaultHits = side.defaultHits;
    }
  }
}
