import { type Action, actionText } from "./action.ts";
import { type Predicate, readsData, type Test, testOf } from "./predicate.ts";
import { predicateText } from "./predicate-text.ts";
import { Prefilter } from "./prefilter.ts";
import type { Walk } from "./walk.ts";

/** A rule to be added. */
export interface RuleSpec {
  /** 0 … 65535, the lower the earlier. */
  readonly priority: number;
  /** All have to hold; none of them: every packet. */
  readonly predicates: readonly Predicate[];
  readonly action: Action;
}

/** A rule in a layer. */
export interface Rule extends RuleSpec {
  /** Never used again within its layer and direction. */
  readonly id: number;
  hits: number;
}

/** Ids and counters of a rule set as JSON: what is the same rule later can have them again. */
export interface RuleNumbers {
  /** Of the next rule. */
  readonly nextId: number;
  readonly rules: readonly { readonly rule: string; readonly id: number; readonly hits: number }[];
}

/** The rules of one layer and direction, in the order that they are tried. */
export class RuleSet {
  #rules: { readonly rule: Rule; readonly tests: readonly Test[] }[] = [];
  #nextId = 0;
  #prefilter: Prefilter | undefined = undefined;

  get rules(): readonly Rule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  get size(): number {
    return this.#rules.length;
  }

  /**
   * Put a rule in its place: by priority; of equals a deny comes before all, another before the others that are no
   * denies. Returns its id.
   */
  add(spec: RuleSpec): number {
    const isDeny = spec.action.kind === "deny";
    const at = this.#rules.findIndex(
      ({ rule }) =>
        rule.priority > spec.priority || (rule.priority === spec.priority && (isDeny || rule.action.kind !== "deny")),
    );
    const rule: Rule = { ...spec, id: this.#nextId++, hits: 0 };
    // Header predicates are tested before those that read data.
    const tests = spec.predicates.toSorted((a, b) => Number(readsData(a)) - Number(readsData(b))).map(testOf);
    this.#rules.splice(at < 0 ? this.#rules.length : at, 0, { rule, tests });
    this.#prefilter = undefined;
    return rule.id;
  }

  /** Take a rule out; false if there is none with this id. */
  remove(id: number): boolean {
    const at = this.#rules.findIndex(({ rule }) => rule.id === id);
    if (at < 0) return false;
    this.#rules.splice(at, 1);
    this.#prefilter = undefined;
    return true;
  }

  /** The id of the first rule that is the same as this one: by predicates, priority and what its action prints. */
  find(spec: RuleSpec): number | undefined {
    const text = ruleText(spec);
    return this.#rules.find(({ rule }) => ruleText(rule) === text)?.rule.id;
  }

  /** Have these rules instead; ids go on from where they were. */
  replace(specs: readonly RuleSpec[]): void {
    this.#rules = [];
    for (const spec of specs) this.add(spec);
    this.#prefilter = undefined;
  }

  get numbers(): RuleNumbers {
    const rules = this.#rules.map(({ rule }) => ({ rule: ruleText(rule), id: rule.id, hits: rule.hits }));
    return { nextId: this.#nextId, rules };
  }

  /** Give rules that are the same as some before their ids and counters; all others get ids that nobody had. */
  restoreNumbers({ nextId, rules }: RuleNumbers): void {
    const known = [...rules];
    this.#nextId = Math.max(this.#nextId, nextId);
    this.#rules = this.#rules.map(({ rule, tests }) => {
      const text = ruleText(rule);
      const at = known.findIndex((each) => each.rule === text);
      const [same] = at < 0 ? [] : known.splice(at, 1);
      return { rule: { ...rule, id: same?.id ?? this.#nextId++, hits: same?.hits ?? 0 }, tests };
    });
  }

  /** The first rule whose predicates all hold for the packet of the walk. */
  match(walk: Walk): Rule | undefined {
    this.#prefilter ??= new Prefilter(this.#rules.map(({ rule }) => rule.predicates));
    const prefilter = this.#prefilter;
    for (let at = prefilter.next(walk.packet, 0); at >= 0; at = prefilter.next(walk.packet, at + 1)) {
      const entry = this.#rules[at];
      if (entry !== undefined && holds(entry.tests, walk)) return entry.rule;
    }
    return undefined;
  }
}

function ruleText({ priority, predicates, action }: RuleSpec): string {
  return [String(priority), actionText(action), ...predicates.map(predicateText)].join("\n");
}

function holds(tests: readonly Test[], walk: Walk): boolean {
  for (const test of tests) if (!test(walk)) return false;
  return true;
}
