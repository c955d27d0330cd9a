/** The values that `${…}` can name, and what they may be. */
export type Variables = ReadonlyMap<string, Scalar>;

/** A value that a parameter can have. */
export type Scalar = string | number | boolean;

/** What is wrong with an expression; the caller knows where it stands. */
export class ExpressionError extends Error {
  /** The name that is not known, where that is the fault. */
  readonly unknownName: string | undefined;

  constructor(message: string, unknownName?: string) {
    super(message);
    this.name = "ExpressionError";
    this.unknownName = unknownName;
  }
}

/** Whether a text holds an expression that is still to be evaluated. */
export function hasExpression(text: string): boolean {
  return text.includes("${");
}

const placeholder = /\$\$\{|\$\{([^}]*)\}?/g;

/**
 * Replace every `${expression}` of `text` by its value; `$${` stands for a literal `${`. A text that is one single
 * expression becomes its value with its type, so that `"${count}"` is a number.
 *
 * Grammar: whole numbers, names, `+ - * / %` (whole-number division), parentheses, and `hex(expression)`.
 *
 * @throws ExpressionError
 */
export function substitute(text: string, variables: Variables): Scalar {
  if (!hasExpression(text)) return text;
  const whole = /^\$\{([^}]*)\}$/.exec(text);
  if (whole !== null) return evaluate(whole[1] ?? "", variables);
  return text.replace(placeholder, (match: string, expression: string | undefined) => {
    if (match === "$${") return "${";
    if (!match.endsWith("}")) throw new ExpressionError('"${" is not closed by "}"');
    return String(evaluate(expression ?? "", variables));
  });
}

/**
 * The value of one expression.
 *
 * @throws ExpressionError
 */
export function evaluate(expression: string, variables: Variables): Scalar {
  const reader = new TokenReader(expression);
  const value = sum(reader, variables);
  const rest = reader.take();
  if (rest !== undefined) throw new ExpressionError(`unexpected ${JSON.stringify(rest)} in \${${expression}}`);
  return value;
}

class TokenReader {
  readonly expression: string;
  readonly #tokens: readonly string[];
  #position = 0;
  /** Hostile nesting of parentheses ends here rather than in the stack. */
  depth = 0;

  constructor(expression: string) {
    this.expression = expression;
    this.#tokens = expression.match(/\d+|[A-Za-z_]\w*|[^\s\w]/g) ?? [];
  }

  peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  take(): string | undefined {
    return this.#tokens[this.#position++];
  }

  takeIf(...wanted: readonly string[]): string | undefined {
    const next = this.peek();
    return next !== undefined && wanted.includes(next) ? this.take() : undefined;
  }
}

function sum(reader: TokenReader, variables: Variables): Scalar {
  let left = product(reader, variables);
  for (let operator = reader.takeIf("+", "-"); operator !== undefined; operator = reader.takeIf("+", "-")) {
    const [a, b] = numbers(reader, left, product(reader, variables));
    left = operator === "+" ? a + b : a - b;
  }
  return left;
}

function product(reader: TokenReader, variables: Variables): Scalar {
  let left = operand(reader, variables);
  for (let operator = reader.takeIf("*", "/", "%"); operator !== undefined; operator = reader.takeIf("*", "/", "%")) {
    const [a, b] = numbers(reader, left, operand(reader, variables));
    if (operator !== "*" && b === 0) throw new ExpressionError(`division by zero in \${${reader.expression}}`);
    left = operator === "*" ? a * b : operator === "/" ? Math.trunc(a / b) : a % b;
  }
  return left;
}

function operand(reader: TokenReader, variables: Variables): Scalar {
  const token = reader.take();
  if (token === undefined) throw new ExpressionError(`\${${reader.expression}} ends too early`);
  if (/^\d/.test(token)) return Number(token);
  if (token === "(") return parenthesized(reader, variables);
  if (!/^[A-Za-z_]/.test(token)) {
    throw new ExpressionError(`unexpected ${JSON.stringify(token)} in \${${reader.expression}}`);
  }
  if (token === "hex" && reader.takeIf("(") !== undefined) {
    const value = parenthesized(reader, variables);
    return numbers(reader, value, 0)[0].toString(16);
  }
  const value = variables.get(token);
  if (value === undefined) throw new ExpressionError(`there is no ${JSON.stringify(token)} here`, token);
  return value;
}

function parenthesized(reader: TokenReader, variables: Variables): Scalar {
  if (++reader.depth > 32) throw new ExpressionError(`\${${reader.expression}} is nested too deeply`);
  const value = sum(reader, variables);
  if (reader.takeIf(")") === undefined) throw new ExpressionError(`")" is missing in \${${reader.expression}}`);
  return value;
}

function numbers(reader: TokenReader, a: Scalar, b: Scalar): [number, number] {
  for (const value of [a, b]) {
    if (typeof value !== "number" || !Number.isSafeInteger(value)) {
      throw new ExpressionError(`expected whole numbers in \${${reader.expression}}, found ${JSON.stringify(value)}`);
    }
  }
  return [Number(a), Number(b)];
}
