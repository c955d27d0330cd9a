import type { Action } from "./action.ts";
import { type RuleSpec, RuleSet } from "./rule-set.ts";

/** What a layer does with packets that no rule matches. */
export type DefaultAction = "allow" | "stateful allow" | "deny";

/** Counters of a layer, by the names of its kstat. */
export function newLayerStats(): LayerStats {
  const side = { lft_hit: 0, lft_full: 0, lft_miss: 0, rule_match: 0, rule_nomatch: 0, deny: 0 };
  return {
    in: { ...side },
    out: { ...side },
    add_rule_called: 0,
    remove_rule_called: 0,
    set_rules_called: 0,
  };
}

/** Counters of one direction of a layer. */
export interface LayerSideStats {
  lft_hit: number;
  lft_full: number;
  lft_miss: number;
  rule_match: number;
  rule_nomatch: number;
  deny: number;
}

export interface LayerStats {
  readonly in: LayerSideStats;
  readonly out: LayerSideStats;
  add_rule_called: number;
  remove_rule_called: number;
  set_rules_called: number;
}

/** How a layer is made. */
export interface LayerSpec {
  readonly name: string;
  readonly in: DefaultAction;
  readonly out: DefaultAction;
  /** Most entries of its flow table. */
  readonly limit: number;
}

/** The rules and defaults of one direction. */
export class LayerSide {
  readonly rules = new RuleSet();
  readonly defaultAction: Action;
  defaultHits = 0;

  constructor(defaultAction: DefaultAction) {
    this.defaultAction = { kind: defaultAction === "stateful allow" ? "stateful-allow" : defaultAction };
  }
}

/** A named set of rules for each direction. Its flow table is in the port's `FlowStore`. */
export class Layer {
  readonly spec: LayerSpec;
  readonly in: LayerSide;
  readonly out: LayerSide;
  readonly stats = newLayerStats();

  constructor(spec: LayerSpec) {
    this.spec = spec;
    this.in = new LayerSide(spec.in);
    this.out = new LayerSide(spec.out);
  }

  get name(): string {
    return this.spec.name;
  }

  side(direction: Direction): LayerSide {
    return direction === "in" ? this.in : this.out;
  }

  /** Have these rules instead of all there are. */
  replaceRules(rules: DirectedRules): void {
    this.in.rules.replace(rules.in);
    this.out.rules.replace(rules.out);
  }
}

/** The guest's view: `out` from the guest to the network, `in` to the guest. */
export type Direction = "in" | "out";

/** Rules for both directions. */
export interface DirectedRules {
  readonly in: readonly RuleSpec[];
  readonly out: readonly RuleSpec[];
}
