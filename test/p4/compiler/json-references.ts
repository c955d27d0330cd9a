/**
 * What simple_switch insists on when it loads a program: every name and number that is mentioned exists, ids are places in
 * their lists where they have to be, widths of transitions are those of their keys. Independent of the compiler.
 */
import { asNode, list, type Node, show } from "./json-node.ts";
import { PipelineCheck, type ProgramCheck } from "./json-pipelines.ts";
import { operators, primitives, sections } from "./json-vocabulary.ts";

/** All faults of a program; none for one that loads. */
export function referenceFaults(program: unknown): string[] {
  return new ReferenceCheck(asNode(program)).run();
}

class ReferenceCheck implements ProgramCheck {
  readonly #program: Node;
  readonly #faults: string[] = [];
  readonly #fields = new Map<string, Map<string, number>>();
  readonly #types = new Map<string, unknown[][]>();
  #parameters = 0;

  constructor(program: Node) {
    this.#program = program;
  }

  run(): string[] {
    this.#headers();
    for (const section of [
      "actions",
      "calculations",
      "counter_arrays",
      "meter_arrays",
      "register_arrays",
      "parse_vsets",
    ]) {
      this.#ids(section);
    }
    this.#listIds("learn_lists");
    this.#listIds("field_lists");
    for (const parser of list(this.#program["parsers"])) this.#parser(parser);
    for (const action of list(this.#program["actions"])) this.#action(action);
    const pipelines = new PipelineCheck(this.#program, this);
    for (const pipeline of list(this.#program["pipelines"])) pipelines.check(pipeline);
    for (const calculation of list(this.#program["calculations"]))
      for (const input of list(calculation["input"])) this.#value(input);
    for (const checksum of list(this.#program["checksums"])) {
      this.field(checksum["target"]);
      this.named("calculations", checksum["calculation"]);
      if (checksum["if_cond"] !== null) this.expression(checksum["if_cond"]);
    }
    for (const section of ["learn_lists", "field_lists"]) {
      for (const each of list(this.#program[section]))
        for (const element of list(each["elements"])) this.#value(element);
    }
    for (const deparser of list(this.#program["deparsers"])) {
      for (const name of deparser["order"] as string[]) this.#header(name);
      for (const primitive of list(deparser["primitives"])) this.#primitive(primitive);
    }
    for (const [, target] of this.#program["field_aliases"] as [string, string[]][]) this.field(target);
    pipelines.checkDirectArrays();
    return this.#faults;
  }

  fault(text: string): void {
    this.#faults.push(text);
  }

  #headers(): void {
    for (const type of list(this.#program["header_types"])) {
      const fields = type["fields"] as unknown[][];
      if (this.#types.has(String(type["name"]))) this.fault(`two header types ${String(type["name"])}`);
      this.#types.set(String(type["name"]), fields);
      const bits = fields.reduce((sum, [, width]) => sum + (width === "*" ? 0 : Number(width)), 0);
      if (bits % 8 !== 0) this.fault(`${String(type["name"])} has ${bits} bits`);
      if (fields.filter(([, width]) => width === "*").length > 1) this.fault(`${String(type["name"])} has two varbits`);
      if (fields.some(([, width, signed]) => signed === true && Number(width) < 2))
        this.fault("a signed field of one bit");
      if (new Set(fields.map(([name]) => name)).size !== fields.length)
        this.fault(`a field name twice in ${String(type["name"])}`);
    }
    for (const [id, header] of list(this.#program["headers"]).entries()) {
      const name = String(header["name"]);
      if (header["id"] !== id) this.fault(`header ${name} is not at its id`);
      if (this.#fields.has(name)) this.fault(`two headers ${name}`);
      const fields = this.#types.get(String(header["header_type"]));
      if (fields === undefined) this.fault(`header ${name} has no type`);
      this.#fields.set(name, new Map((fields ?? []).map(([field, width]) => [String(field), Number(width)])));
    }
    for (const [section, members, of] of [
      ["header_stacks", "header_ids", "headers"],
      ["header_unions", "header_ids", "headers"],
      ["header_union_stacks", "header_union_ids", "header_unions"],
    ] as const) {
      for (const [id, each] of list(this.#program[section]).entries()) {
        if (each["id"] !== id) this.fault(`${section} ${String(each["name"])} is not at its id`);
        for (const member of each[members] as number[]) {
          if (list(this.#program[of])[member] === undefined)
            this.fault(`${String(each["name"])} has no member ${member}`);
        }
      }
    }
    for (const union of list(this.#program["header_unions"])) this.named("header_union_types", union["union_type"]);
  }

  #ids(section: string): void {
    const all = list(this.#program[section]);
    if (new Set(all.map(({ id }) => id)).size !== all.length) this.fault(`an id twice in ${section}`);
    const unnamed = section === "actions";
    if (!unnamed && new Set(all.map(({ name }) => name)).size !== all.length) this.fault(`a name twice in ${section}`);
  }

  #listIds(section: string): void {
    const ids = list(this.#program[section]).map(({ id }) => Number(id));
    if (ids.some((id) => id < 1) || new Set(ids).size !== ids.length) this.fault(`ids of ${section}: ${ids.join()}`);
  }

  named(section: string, name: unknown): void {
    if (!list(this.#program[section]).some((each) => each["name"] === name))
      this.fault(`no ${show(name)} in ${section}`);
  }

  #header(name: unknown): void {
    if (!this.#fields.has(show(name))) this.fault(`no header ${show(name)}`);
  }

  field(value: unknown): number {
    const [header, field] = value as [string, string];
    if (field === "$valid$" && this.#fields.has(header)) return 1;
    const width = this.#fields.get(header)?.get(field);
    if (width === undefined) this.fault(`no field ${header}.${field}`);
    return width ?? 8;
  }

  #parser(parser: Node): void {
    const states = list(parser["parse_states"]);
    const names = new Set(states.map(({ name }) => name));
    if (names.size !== states.length) this.fault("two parse states of one name");
    const known = (state: unknown): void => {
      if (state !== null && !names.has(state)) this.fault(`no parse state ${show(state)}`);
    };
    known(parser["init_state"]);
    for (const state of states) {
      for (const operation of list(state["parser_ops"])) this.#parserOperation(operation);
      const bytes = list(state["transition_key"]).reduce((sum, key) => sum + Math.ceil(this.#value(key) / 8), 0);
      const transitions = list(state["transitions"]);
      if (transitions.length === 0) this.fault(`${String(state["name"])} leads nowhere`);
      for (const transition of transitions) {
        known(transition["next_state"]);
        if (transition["type"] === "parse_vset") this.named("parse_vsets", transition["value"]);
        if (transition["type"] !== "hexstr") continue;
        for (const part of [transition["value"], transition["mask"]]) {
          if (part !== null && show(part).length !== 2 + bytes * 2) this.fault(`${show(part)} is not ${bytes} bytes`);
        }
      }
    }
  }

  #parserOperation({ op, parameters }: Node): void {
    const [first, second] = list(parameters);
    switch (op) {
      case "extract":
      case "extract_VL":
        if (first?.["type"] === "regular") this.#header(first["value"]);
        if (first?.["type"] === "stack") this.named("header_stacks", first["value"]);
        if (first?.["type"] === "union_stack") this.named("header_union_stacks", (first["value"] as string[])[0]);
        if (op === "extract_VL") this.#value(second);
        return;
      case "set":
        if (first?.["type"] !== "field") this.fault("set of no field");
        this.#value(first);
        this.#value(second);
        return;
      case "verify":
        this.expression(first);
        this.expression(second);
        return;
      case "advance":
        this.#value(first);
        return;
      case "primitive":
        this.#primitive(asNode(first));
        return;
      default:
        this.fault(`no parser operation ${String(op)}`);
    }
  }

  #action({ name, runtime_data: data, primitives }: Node): void {
    this.#parameters = list(data).length;
    const all = list(primitives);
    for (const primitive of all) {
      this.#primitive(primitive);
      const jump = primitive["op"] === "_jump" ? 0 : primitive["op"] === "_jump_if_zero" ? 1 : undefined;
      if (jump === undefined) continue;
      const target = Number(list(primitive["parameters"])[jump]?.["value"]);
      if (!(target >= 0 && target <= all.length)) this.fault(`${show(name)} jumps to ${target} of ${all.length}`);
    }
    this.#parameters = 0;
  }

  #primitive({ op, parameters }: Node): void {
    if (typeof op !== "string" || !primitives.has(op)) this.fault(`no primitive ${String(op)}`);
    const given = list(parameters);
    const expected = primitives.get(String(op));
    if (expected !== undefined && given.length !== expected)
      this.fault(`${String(op)} with ${given.length} parameters`);
    for (const parameter of given) this.#value(parameter);
    const [last] = given.slice(-1);
    const section =
      op === "generate_digest"
        ? "learn_lists"
        : /^(clone_|resubmit|recirculate)/.test(String(op))
          ? "field_lists"
          : undefined;
    if (section !== undefined && !list(this.#program[section]).some(({ id }) => id === Number(last?.["value"]))) {
      this.fault(`${String(op)} of no list`);
    }
  }

  /** Checks a value outside of expressions, and returns its width where it is a key. */
  #value(given: unknown): number {
    const { type, value } = asNode(given);
    switch (type) {
      case "field":
        return this.field(value);
      case "runtime_data":
        if (!(Number(value) < this.#parameters)) this.fault(`no parameter ${String(value)}`);
        return 0;
      case "lookahead":
        return (value as number[])[1] ?? 0;
      case "stack_field": {
        const [stack, field] = value as [string, string];
        const found = list(this.#program["header_stacks"]).find(({ name }) => name === stack);
        const column = this.#types.get(String(found?.["header_type"]))?.find(([name]) => name === field);
        if (column === undefined) this.fault(`no field ${stack}.last.${field}`);
        return Number(column?.[1] ?? 8);
      }
      case "expression":
        this.expression(value);
        return 0;
      case "parameters_vector":
        for (const element of list(value)) this.#value(element);
        return 0;
      case "header":
        this.#header(value);
        return 0;
      case "header_stack":
      case "header_union":
      case "header_union_stack":
      case "calculation":
      case "counter_array":
      case "meter_array":
      case "register_array":
        this.named(sections[type] ?? type, value);
        return 0;
      case "hexstr":
        if (!/^-?0x[0-9a-f]+$/.test(String(value))) this.fault(`${String(value)} is no number`);
        return 0;
      case "string":
      case "payload":
        return 0;
      default:
        this.fault(`no value of type ${String(type)}`);
        return 0;
    }
  }

  expression(given: unknown): void {
    const { type, value } = asNode(given);
    switch (type) {
      case "expression": {
        const { op, left, right, cond } = asNode(value);
        if (!operators.has(String(op))) this.fault(`no operator ${String(op)}`);
        if (left !== null) this.expression(left);
        if (op === "access_field") {
          if (typeof right !== "number") this.fault("access_field without a number");
        } else this.expression(right);
        if ((op === "?") !== (cond !== undefined)) this.fault(`${String(op)} and its condition`);
        if (cond !== undefined) this.expression(cond);
        return;
      }
      case "local":
        if (!(Number(value) < this.#parameters)) this.fault(`no parameter ${String(value)}`);
        return;
      case "bool":
        if (typeof value !== "boolean") this.fault("a bool that is none");
        return;
      case "runtime_data":
      case "lookahead":
        this.fault(`${type} inside of an expression`);
        return;
      default:
        this.#value(given);
    }
  }
}
