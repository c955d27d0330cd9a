import { evaluate } from "./expression-evaluator.ts";
import { part, parts } from "./compile-program.ts";

/** How many nodes and primitives a packet may pass. */
const mostSteps = 100_000;

/**
 * Walks a pipeline of BMv2 JSON: exact tables with entries of the program, conditionals, assignments, jumps, exit. Slow and
 * plain, and independent of the compiler. Fields are changed in place.
 */
export class PipelineEvaluator {
  readonly #json: unknown;
  readonly #fields: Map<string, bigint>;
  readonly #widths = new Map<string, number>();
  #exited = false;
  #steps = 0;

  constructor(json: unknown, fields: Map<string, bigint>) {
    this.#json = json;
    this.#fields = fields;
    for (const header of parts(json, "headers")) {
      for (const [name, width] of parts(json, "header_types", String(part(header, "header_type")), "fields") as [
        string,
        number,
      ][]) {
        const key = `${String(part(header, "name"))}.${name}`;
        this.#widths.set(key, width);
        if (!fields.has(key)) fields.set(key, 0n);
      }
    }
  }

  run(pipeline: string): void {
    let node = part(
      { at: (part(this.#json, "pipelines", pipeline) as { init_table: unknown }).init_table ?? "" },
      "at",
    );
    while (node !== "" && !this.#exited) {
      this.#step();
      const table = (parts(this.#json, "pipelines", pipeline, "tables") as { name: string }[]).find(
        ({ name }) => name === node,
      );
      node = (table === undefined ? this.#conditional(pipeline, String(node)) : this.#table(table)) ?? "";
    }
  }

  #step(): void {
    this.#steps++;
    if (this.#steps > mostSteps) throw new Error("endless");
  }

  #conditional(pipeline: string, name: string): unknown {
    const node = part(this.#json, "pipelines", pipeline, "conditionals", name) as {
      expression: unknown;
      true_next: unknown;
      false_next: unknown;
    };
    return evaluate(node.expression, this.#fields) === true ? node.true_next : node.false_next;
  }

  #table(table: object): unknown {
    const keys = parts(table, "key").map((key) => this.#fields.get((part(key, "target") as string[]).join(".")) ?? 0n);
    const entries = (table as { entries?: readonly unknown[] }).entries ?? [];
    const entry = entries.find((each) =>
      keys.every((key, index) => BigInt(String(part(each, "match_key", index, "key"))) === key),
    );
    const hit = entry !== undefined && keys.length > 0;
    const use = hit ? part(entry, "action_entry") : part(table, "default_entry");
    const action = (parts(this.#json, "actions") as { id: number; name: string }[]).find(
      ({ id }) => id === part(use, "action_id"),
    );
    if (action === undefined) throw new Error("no action");
    this.#run(action, (part(use, "action_data") as string[]).map(BigInt));
    const next = (table as { next_tables: Record<string, unknown> }).next_tables;
    return "__HIT__" in next ? next[hit ? "__HIT__" : "__MISS__"] : next[action.name];
  }

  #run(action: object, data: readonly bigint[]): void {
    const list = parts(action, "primitives");
    for (let at = 0; at < list.length;) {
      this.#step();
      const primitive = list[at];
      const value = (index: number): bigint => this.#value(part(primitive, "parameters", index), data);
      at++;
      switch (part(primitive, "op")) {
        case "assign": {
          const target = (part(primitive, "parameters", 0, "value") as string[]).join(".");
          this.#fields.set(target, BigInt.asUintN(this.#widths.get(target) ?? 0, value(1)));
          break;
        }
        case "_jump":
          at = Number(value(0));
          break;
        case "_jump_if_zero":
          if (value(0) === 0n) at = Number(value(1));
          break;
        case "exit":
          this.#exited = true;
          break;
        default:
          throw new Error(`no primitive ${String(part(primitive, "op"))}`);
      }
    }
  }

  #value(parameter: unknown, data: readonly bigint[]): bigint {
    if (part(parameter, "type") === "runtime_data") return data[Number(part(parameter, "value"))] ?? 0n;
    const local = JSON.stringify(parameter, (_key, each: unknown) => {
      const { type, value } = (each ?? {}) as { type?: string; value?: number };
      return type === "local" ? { type: "hexstr", value: `0x${(data[value ?? 0] ?? 0n).toString(16)}` } : each;
    });
    const found = evaluate(JSON.parse(local), this.#fields);
    if (typeof found !== "bigint") throw new Error("a bool where a number is needed");
    return found;
  }
}
