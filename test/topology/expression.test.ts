import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExpressionError, substitute, type Scalar } from "../../src/topology/expression.ts";

const variables = new Map<string, Scalar>([
  ["i", 3],
  ["rack", "r7"],
]);

describe("substitute", () => {
  it.each<[string, Scalar]>([
    ["plain", "plain"],
    ["h${i}", "h3"],
    ["${i}", 3],
    ["${rack}", "r7"],
    ["10.${i * 16 + 1}.0.${(i + 1) % 2}/24", "10.49.0.0/24"],
    ["${7 / 2}", 3],
    ["${1 - 2 - 3}", -4],
    ["${hex(i * 10)}", "1e"],
    ["$${HOME} ${i}", "${HOME} 3"],
  ])("%s is %s", (text, value) => {
    expect(substitute(text, variables)).toBe(value);
  });

  it.each([
    ["${j}", 'there is no "j" here'],
    ["${}", "${} ends too early"],
    ["${i +}", "${i +} ends too early"],
    ["${i i}", 'unexpected "i" in ${i i}'],
    ["${(i}", '")" is missing in ${(i}'],
    ["${rack + 1}", 'expected whole numbers in ${rack + 1}, found "r7"'],
    ["${i / 0}", "division by zero in ${i / 0}"],
    ["x${i", '"${" is not closed by "}"'],
    [`\${${"(".repeat(99)}}`, `\${${"(".repeat(99)}} is nested too deeply`],
  ])("%s is refused", (text, message) => {
    expect(() => substitute(text, variables)).toThrow(message);
  });

  it("computes what arithmetic computes", () => {
    const operand = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(operand, operand, operand, (a, b, c) => {
        expect(substitute(`\${${a} + ${b} * ${c} - ${a}}`, variables)).toBe(a + b * c - a);
        expect(substitute(`\${(${a} + ${b}) % (${c} + 1)}`, variables)).toBe((a + b) % (c + 1));
      }),
      { seed: 1 },
    );
  });

  it("answers any text with a value or an ExpressionError", () => {
    const tokens = fc.constantFrom("${", "}", "i", "(", ")", "+", "/", "0", "hex", " ", "$", "x");
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 20 }), (parts) => {
        try {
          substitute(parts.join(""), variables);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
