/** Evaluates expressions of BMv2 JSON the way BMv2 does: numbers of any size, cut only where the JSON says so. */

interface Json {
  readonly type?: string;
  readonly value?: unknown;
}

interface Operation {
  readonly op: string;
  readonly left: Json | null;
  readonly right: Json;
  readonly cond?: Json;
}

/** @param fields - values by `header.field`; those of signed fields negative where they are */
export function evaluate(given: unknown, fields: ReadonlyMap<string, bigint>): bigint | boolean {
  const { type, value } = given as Json;
  switch (type) {
    case "hexstr": {
      const text = String(value);
      return text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text);
    }
    case "bool":
      return value as boolean;
    case "field": {
      const found = fields.get((value as string[]).join("."));
      if (found === undefined) throw new Error(`no field ${(value as string[]).join(".")}`);
      return found;
    }
    case "expression": {
      // Parameters of primitives are wrapped twice.
      if ("type" in (value as object)) return evaluate(value, fields);
      return operate(value as Operation, fields);
    }
    case undefined:
    default:
      throw new Error(`no value of type ${String(type)}`);
  }
}

function operate({ op, left, right, cond }: Operation, fields: ReadonlyMap<string, bigint>): bigint | boolean {
  const data = (part: Json | null): bigint => {
    const found = part === null ? 0n : evaluate(part, fields);
    if (typeof found !== "bigint") throw new Error(`${op} of a bool`);
    return found;
  };
  const bool = (part: Json | null): boolean => {
    const found = part === null ? false : evaluate(part, fields);
    if (typeof found !== "boolean") throw new Error(`${op} of a number`);
    return found;
  };
  const clamp = (value: bigint, least: bigint, most: bigint): bigint =>
    value < least ? least : value > most ? most : value;
  switch (op) {
    case "+":
      return data(left) + data(right);
    case "-":
      return data(left) - data(right);
    case "*":
      return data(left) * data(right);
    case "/":
      return data(left) / data(right);
    case "%":
      return data(left) % data(right);
    case "<<":
      return data(left) << data(right);
    case ">>":
      return data(left) >> data(right);
    case "&":
      return data(left) & data(right);
    case "|":
      return data(left) | data(right);
    case "^":
      return data(left) ^ data(right);
    case "~":
      return ~data(right);
    case "==":
      return evaluate(left, fields) === evaluate(right, fields);
    case "!=":
      return evaluate(left, fields) !== evaluate(right, fields);
    case "<":
      return data(left) < data(right);
    case "<=":
      return data(left) <= data(right);
    case ">":
      return data(left) > data(right);
    case ">=":
      return data(left) >= data(right);
    case "and":
      return bool(left) && bool(right);
    case "or":
      return bool(left) || bool(right);
    case "not":
      return !bool(right);
    case "d2b":
      return data(right) !== 0n;
    case "b2d":
      return bool(right) ? 1n : 0n;
    case "two_comp_mod":
      return BigInt.asIntN(Number(data(right)), data(left));
    case "usat_cast":
      return clamp(data(left), 0n, (1n << data(right)) - 1n);
    case "sat_cast":
      return clamp(data(left), -(1n << (data(right) - 1n)), (1n << (data(right) - 1n)) - 1n);
    case "?":
      return bool(cond ?? null) ? data(left) : data(right);
    default:
      throw new Error(`no operator ${op}`);
  }
}
