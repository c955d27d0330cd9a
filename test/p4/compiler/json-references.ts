/**
 * What simple_switch insists on when it loads a program: every name and number that is mentioned exists, ids are places in
 * their lists where they have to be, widths of transitions are those of their keys. Independent of the compiler.
 */

type Node = Record<string, unknown>;

const asNode = (value: unknown): Node => value as Node;
const list = (value: unknown): Node[] => (value ?? []) as Node[];

const show = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** All faults of a program; none for one that loads. */
export function referenceFaults(program: unknown): string[] {
  return new ReferenceCheck(asNode(program)).run();
}

class ReferenceCheck {
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
    for (const pipeline of list(this.#program["pipelines"])) this.#pipeline(pipeline);
    for (const calculation of list(this.#program["calculations"]))
      for (const input of list(calculation["input"])) this.#value(input);
    for (const checksum of list(this.#program["checksums"])) {
      this.#field(checksum["target"]);
      this.#named("calculations", checksum["calculation"]);
      if (checksum["if_cond"] !== null) this.#expression(checksum["if_cond"]);
    }
    for (const section of ["learn_lists", "field_lists"]) {
      for (const each of list(this.#program[section]))
        for (const element of list(each["elements"])) this.#value(element);
    }
    for (const deparser of list(this.#program["deparsers"])) {
      for (const name of deparser["order"] as string[]) this.#header(name);
      for (const primitive of list(deparser["primitives"])) this.#primitive(primitive);
    }
    for (const [, target] of this.#program["field_aliases"] as [string, string[]][]) this.#field(target);
    this.#directArrays();
    return this.#faults;
  }

  #fault(text: string): void {
    this.#faults.push(text);
  }

  #headers(): void {
    for (const type of list(this.#program["header_types"])) {
      const fields = type["fields"] as unknown[][];
      if (this.#types.has(String(type["name"]))) this.#fault(`two header types ${String(type["name"])}`);
      this.#types.set(String(type["name"]), fields);
      const bits = fields.reduce((sum, [, width]) => sum + (width === "*" ? 0 : Number(width)), 0);
      if (bits % 8 !== 0) this.#fault(`${String(type["name"])} has ${bits} bits`);
      if (fields.filter(([, width]) => width === "*").length > 1)
        this.#fault(`${String(type["name"])} has two varbits`);
      if (fields.some(([, width, signed]) => signed === true && Number(width) < 2))
        this.#fault("a signed field of one bit");
      if (new Set(fields.map(([name]) => name)).size !== fields.length)
        this.#fault(`a field name twice in ${String(type["name"])}`);
    }
    for (const [id, header] of list(this.#program["headers"]).entries()) {
      const name = String(header["name"]);
      if (header["id"] !== id) this.#fault(`header ${name} is not at its id`);
      if (this.#fields.has(name)) this.#fault(`two headers ${name}`);
      const fields = this.#types.get(String(header["header_type"]));
      if (fields === undefined) this.#fault(`header ${name} has no type`);
      this.#fields.set(name, new Map((fields ?? []).map(([field, width]) => [String(field), Number(width)])));
    }
    for (const [section, members, of] of [
      ["header_stacks", "header_ids", "headers"],
      ["header_unions", "header_ids", "headers"],
      ["header_union_stacks", "header_union_ids", "header_unions"],
    ] as const) {
      for (const [id, each] of list(this.#program[section]).entries()) {
        if (each["id"] !== id) this.#fault(`${section} ${String(each["name"])} is not at its id`);
        for (const member of each[members] as number[]) {
          if (list(this.#program[of])[member] === undefined)
            this.#fault(`${String(each["name"])} has no member ${member}`);
        }
      }
    }
    for (const union of list(this.#program["header_unions"])) this.#named("header_union_types", union["union_type"]);
  }

  #ids(section: string): void {
    const all = list(this.#program[section]);
    if (new Set(all.map(({ id }) => id)).size !== all.length) this.#fault(`an id twice in ${section}`);
    const unnamed = section === "actions";
    if (!unnamed && new Set(all.map(({ name }) => name)).size !== all.length) this.#fault(`a name twice in ${section}`);
  }

  #listIds(section: string): void {
    const ids = list(this.#program[section]).map(({ id }) => Number(id));
    if (ids.some((id) => id < 1) || new Set(ids).size !== ids.length) this.#fault(`ids of ${section}: ${ids.join()}`);
  }

  #named(section: string, name: unknown): void {
    if (!list(this.#program[section]).some((each) => each["name"] === name))
      this.#fault(`no ${show(name)} in ${section}`);
  }

  #header(name: unknown): void {
    if (!this.#fields.has(show(name))) this.#fault(`no header ${show(name)}`);
  }

  #field(value: unknown): number {
    const [header, field] = value as [string, string];
    if (field === "$valid$" && this.#fields.has(header)) return 1;
    const width = this.#fields.get(header)?.get(field);
    if (width === undefined) this.#fault(`no field ${header}.${field}`);
    return width ?? 8;
  }

  #parser(parser: Node): void {
    const states = list(parser["parse_states"]);
    const names = new Set(states.map(({ name }) => name));
    if (names.size !== states.length) this.#fault("two parse states of one name");
    const known = (state: unknown): void => {
      if (state !== null && !names.has(state)) this.#fault(`no parse state ${show(state)}`);
    };
    known(parser["init_state"]);
    for (const state of states) {
      for (const operation of list(state["parser_ops"])) this.#parserOperation(operation);
      const bytes = list(state["transition_key"]).reduce((sum, key) => sum + Math.ceil(this.#value(key) / 8), 0);
      const transitions = list(state["transitions"]);
      if (transitions.length === 0) this.#fault(`${String(state["name"])} leads nowhere`);
      for (const transition of transitions) {
        known(transition["next_state"]);
        if (transition["type"] === "parse_vset") this.#named("parse_vsets", transition["value"]);
        if (transition["type"] !== "hexstr") continue;
        for (const part of [transition["value"], transition["mask"]]) {
          if (part !== null && show(part).length !== 2 + bytes * 2) this.#fault(`${show(part)} is not ${bytes} bytes`);
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
        if (first?.["type"] === "stack") this.#named("header_stacks", first["value"]);
        if (first?.["type"] === "union_stack") this.#named("header_union_stacks", (first["value"] as string[])[0]);
        if (op === "extract_VL") this.#value(second);
        return;
      case "set":
        if (first?.["type"] !== "field") this.#fault("set of no field");
        this.#value(first);
        this.#value(second);
        return;
      case "verify":
        this.#expression(first);
        this.#expression(second);
        return;
      case "advance":
        this.#value(first);
        return;
      case "primitive":
        this.#primitive(asNode(first));
        return;
      default:
        this.#fault(`no parser operation ${String(op)}`);
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
      if (!(target >= 0 && target <= all.length)) this.#fault(`${show(name)} jumps to ${target} of ${all.length}`);
    }
    this.#parameters = 0;
  }

  #primitive({ op, parameters }: Node): void {
    if (typeof op !== "string" || !primitives.has(op)) this.#fault(`no primitive ${String(op)}`);
    const given = list(parameters);
    const expected = primitives.get(String(op));
    if (expected !== undefined && given.length !== expected)
      this.#fault(`${String(op)} with ${given.length} parameters`);
    for (const parameter of given) this.#value(parameter);
    const [last] = given.slice(-1);
    const section =
      op === "generate_digest"
        ? "learn_lists"
        : /^(clone_|resubmit|recirculate)/.test(String(op))
          ? "field_lists"
          : undefined;
    if (section !== undefined && !list(this.#program[section]).some(({ id }) => id === Number(last?.["value"]))) {
      this.#fault(`${String(op)} of no list`);
    }
  }

  /** Checks a value outside of expressions, and returns its width where it is a key. */
  #value(given: unknown): number {
    const { type, value } = asNode(given);
    switch (type) {
      case "field":
        return this.#field(value);
      case "runtime_data":
        if (!(Number(value) < this.#parameters)) this.#fault(`no parameter ${String(value)}`);
        return 0;
      case "lookahead":
        return (value as number[])[1] ?? 0;
      case "stack_field": {
        const [stack, field] = value as [string, string];
        const found = list(this.#program["header_stacks"]).find(({ name }) => name === stack);
        const column = this.#types.get(String(found?.["header_type"]))?.find(([name]) => name === field);
        if (column === undefined) this.#fault(`no field ${stack}.last.${field}`);
        return Number(column?.[1] ?? 8);
      }
      case "expression":
        this.#expression(value);
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
        this.#named(sections[type] ?? type, value);
        return 0;
      case "hexstr":
        if (!/^-?0x[0-9a-f]+$/.test(String(value))) this.#fault(`${String(value)} is no number`);
        return 0;
      case "string":
      case "payload":
        return 0;
      default:
        this.#fault(`no value of type ${String(type)}`);
        return 0;
    }
  }

  #expression(given: unknown): void {
    const { type, value } = asNode(given);
    switch (type) {
      case "expression": {
        const { op, left, right, cond } = asNode(value);
        if (!operators.has(String(op))) this.#fault(`no operator ${String(op)}`);
        if (left !== null) this.#expression(left);
        if (op === "access_field") {
          if (typeof right !== "number") this.#fault("access_field without a number");
        } else this.#expression(right);
        if ((op === "?") !== (cond !== undefined)) this.#fault(`${String(op)} and its condition`);
        if (cond !== undefined) this.#expression(cond);
        return;
      }
      case "local":
        if (!(Number(value) < this.#parameters)) this.#fault(`no parameter ${String(value)}`);
        return;
      case "bool":
        if (typeof value !== "boolean") this.#fault("a bool that is none");
        return;
      case "runtime_data":
      case "lookahead":
        this.#fault(`${type} inside of an expression`);
        return;
      default:
        this.#value(given);
    }
  }

  #pipeline(pipeline: Node): void {
    const tables = list(pipeline["tables"]);
    const conditionals = list(pipeline["conditionals"]);
    const nodes = [...tables, ...conditionals];
    const names = new Set(nodes.map(({ name }) => name));
    if (names.size !== nodes.length) this.#fault("two nodes of one name");
    const known = (next: unknown): void => {
      if (next !== null && !names.has(next)) this.#fault(`no node ${show(next)}`);
    };
    known(pipeline["init_table"]);
    for (const table of tables) this.#table(table, pipeline, known);
    for (const conditional of conditionals) {
      this.#expression(conditional["expression"]);
      known(conditional["true_next"]);
      known(conditional["false_next"]);
    }
    this.#acyclic(pipeline, nodes);
  }

  #acyclic(pipeline: Node, nodes: readonly Node[]): void {
    const byName = new Map(nodes.map((node) => [node["name"], node]));
    const done = new Set<unknown>();
    const visit = (name: unknown, path: readonly unknown[]): void => {
      if (name === null || name === undefined) return;
      if (path.includes(name)) this.#fault(`a loop through ${show(name)}`);
      if (done.has(name) || path.includes(name)) return;
      const node = byName.get(name);
      const next = [
        node?.["true_next"],
        node?.["false_next"],
        node?.["base_default_next"],
        ...Object.values(asNode(node?.["next_tables"] ?? {})),
      ];
      for (const each of next) visit(each, [...path, name]);
      done.add(name);
    };
    visit(pipeline["init_table"], []);
    for (const { name } of nodes) if (!done.has(name)) this.#fault(`${show(name)} is never reached`);
  }

  #table(table: Node, pipeline: Node, known: (next: unknown) => void): void {
    const name = String(table["name"]);
    const ids = table["action_ids"] as number[];
    const actions = list(this.#program["actions"]);
    const actionNames = ids.map((id) => actions.find((action) => action["id"] === id)?.["name"]);
    if (actionNames.includes(undefined)) this.#fault(`${name} has an action that is none`);
    if (JSON.stringify(actionNames) !== JSON.stringify(table["actions"]))
      this.#fault(`names of the actions of ${name}`);
    const next = Object.keys(asNode(table["next_tables"])).toSorted();
    const isHit = JSON.stringify(next) === JSON.stringify(["__HIT__", "__MISS__"]);
    if (!isHit && JSON.stringify(next) !== JSON.stringify([...new Set(actionNames)].toSorted()))
      this.#fault(`next tables of ${name}`);
    for (const target of Object.values(asNode(table["next_tables"]))) known(target);
    known(table["base_default_next"]);
    const keys = list(table["key"]);
    for (const key of keys) this.#field(key["target"]);
    if (table["type"] !== "simple") {
      const profile = list(pipeline["action_profiles"]).find((each) => each["name"] === table["action_profile"]);
      if (profile === undefined) this.#fault(`${name} has no profile`);
      if ((profile?.["selector"] !== undefined) !== (table["type"] === "indirect_ws"))
        this.#fault(`selector of ${name}`);
    }
    if (table["direct_meters"] !== null) this.#named("meter_arrays", table["direct_meters"]);
    const use = (entry: Node): void => {
      if (!ids.includes(Number(entry["action_id"]))) this.#fault(`${name} uses an action that it has not`);
      const action = actions.find(({ id }) => id === entry["action_id"]);
      if (list(action?.["runtime_data"]).length !== list(entry["action_data"]).length)
        this.#fault(`action data in ${name}`);
    };
    if (table["default_entry"] !== undefined) use(asNode(table["default_entry"]));
    for (const entry of list(table["entries"])) {
      use(asNode(entry["action_entry"]));
      const matches = list(entry["match_key"]);
      if (matches.length !== keys.length) this.#fault(`an entry of ${name} has ${matches.length} keys`);
      matches.forEach((match, index) => {
        if (match["match_type"] !== keys[index]?.["match_type"]) this.#fault(`a match of ${name} is of another kind`);
      });
    }
  }

  #directArrays(): void {
    const tables = list(this.#program["pipelines"]).flatMap((pipeline) => list(pipeline["tables"]));
    for (const section of ["counter_arrays", "meter_arrays"]) {
      for (const array of list(this.#program[section])) {
        if (array["is_direct"] !== true) continue;
        if (!tables.some(({ name }) => name === array["binding"]))
          this.#fault(`${String(array["name"])} belongs to no table`);
        if (section === "meter_arrays" && array["result_target"] !== undefined) this.#field(array["result_target"]);
      }
    }
  }
}

const sections: Readonly<Record<string, string>> = {
  header_stack: "header_stacks",
  header_union: "header_unions",
  header_union_stack: "header_union_stacks",
  calculation: "calculations",
  counter_array: "counter_arrays",
  meter_array: "meter_arrays",
  register_array: "register_arrays",
};

const operators: ReadonlySet<string> = new Set(
  (
    "+ - * / % << >> == != > >= < <= & | ^ ~ and or not valid valid_union ? d2b b2d two_comp_mod sat_cast usat_cast " +
    "dereference_header_stack last_stack_index size_stack access_field access_union_header"
  ).split(" "),
);

/** Primitives with the number of their parameters. */
const primitives: ReadonlyMap<string, number> = new Map([
  ["assign", 2],
  ["assign_VL", 2],
  ["assign_header", 2],
  ["assign_union", 2],
  ["assign_header_stack", 2],
  ["assign_union_stack", 2],
  ["add_header", 1],
  ["remove_header", 1],
  ["push", 2],
  ["pop", 2],
  ["mark_to_drop", 1],
  ["clone_ingress_pkt_to_egress", 2],
  ["clone_egress_pkt_to_egress", 2],
  ["resubmit", 1],
  ["recirculate", 1],
  ["generate_digest", 2],
  ["modify_field_with_hash_based_offset", 4],
  ["modify_field_rng_uniform", 3],
  ["register_read", 3],
  ["register_write", 3],
  ["count", 2],
  ["execute_meter", 3],
  ["truncate", 1],
  ["exit", 0],
  ["_jump", 1],
  ["_jump_if_zero", 2],
  ["assert", 1],
  ["assume", 1],
  ["log_msg", 2],
]);
