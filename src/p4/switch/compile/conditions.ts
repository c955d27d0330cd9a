import type { Comparison, Condition, Data } from "../format/expression.ts";
import { anyValid, hasWordForm, lexicographic } from "./forms.ts";
import { isSafe, rangeOf, twosComplementBits } from "./range.ts";
import { type HeaderCode, plus } from "./references.ts";
import type { Values } from "./values.ts";

/** A condition as a JavaScript boolean. */
export function truthOf(condition: Condition, values: Values): string {
  switch (condition.op) {
    case "boolean":
      return String(condition.value);
    case "fromData":
      return compare("!=", condition.data, { op: "constant", value: 0n }, values);
    case "not":
      return `!${values.truth(condition.right)}`;
    case "and":
    case "or":
      return `(${values.truth(condition.left)} ${condition.op === "and" ? "&&" : "||"} ${values.truth(condition.right)})`;
    case "sameTruth":
      return `(${values.truth(condition.left)} === ${values.truth(condition.right)})`;
    case "choose":
      return values.choose(
        condition.condition,
        () => values.truth(condition.whenTrue),
        () => values.truth(condition.whenFalse),
      );
    case "valid":
      return `(V[${values.references.header(condition.header).flag}] === 1)`;
    case "validUnion":
      return anyValid(values.references.union(condition.union));
    case "sameHeader":
      return sameHeader(values.references.header(condition.left), values.references.header(condition.right), values);
    case "sameUnion": {
      const left = values.references.union(condition.left);
      const right = values.references.union(condition.right);
      const pairs = left.flatMap((header, at) => {
        const other = right[at];
        return other === undefined ? [] : [sameHeader(header, other, values)];
      });
      return `(${pairs.join(" || ") || "false"})`;
    }
    case "compare":
      return compare(condition.comparison, condition.left, condition.right, values);
  }
}

function compare(comparison: Comparison, left: Data, right: Data, values: Values): string {
  const a = rangeOf(left);
  const b = rangeOf(right);
  const operator = comparison === "==" || comparison === "!=" ? `${comparison}=` : comparison;
  if (isSafe(a) && isSafe(b)) return `(${values.exact(left)} ${operator} ${values.exact(right)})`;
  if (a !== undefined && b !== undefined && hasWordForm(left) && hasWordForm(right)) {
    const count = Math.ceil(Math.max(twosComplementBits(a), twosComplementBits(b)) / 32);
    const unsignedWords = a.low >= 0n && b.low >= 0n;
    if (comparison === "==" || comparison === "!=") {
      const l = values.words(left, count);
      const r = values.words(right, count);
      const difference = l.map((word, at) => `(${word} ^ ${r[at] ?? "0"})`).join(" | ");
      return `((${difference}) ${operator} 0)`;
    }
    if (unsignedWords) {
      const l = values.words(left, count).map((word) => values.code.temp(`${word} >>> 0`));
      const r = values.words(right, count).map((word) => values.code.temp(`${word} >>> 0`));
      return lexicographic(operator, l, r);
    }
  }
  return `(${values.big(left)} ${operator} ${values.big(right)})`;
}

function sameHeader(a: HeaderCode, b: HeaderCode, values: Values): string {
  const { words, variableBytes, offsets } = values.layout.type(a.type);
  const both = `V[${a.flag}] === 1 && V[${b.flag}] === 1`;
  const length = plus(a.word, offsets[a.type.fields.findIndex((field) => field.variable)] ?? 0);
  const variable = variableBytes > 0 ? ` && rt.sameBytes(${a.byte}, ${b.byte}, F[${length}] >> 3)` : "";
  return `(${both} && rt.sameWords(${a.word}, ${b.word}, ${words})${variable})`;
}
