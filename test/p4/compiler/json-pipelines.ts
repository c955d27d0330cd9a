import { asNode, list, type Node, show } from "./json-node.ts";

/** What the check of a pipeline asks of the check of the whole program. */
export interface ProgramCheck {
  fault(text: string): void;
  expression(given: unknown): void;
  field(value: unknown): number;
  named(section: string, name: unknown): void;
}

/** Tables, conditionals and how they follow one another. */
export class PipelineCheck {
  readonly #program: Node;
  readonly #on: ProgramCheck;

  constructor(program: Node, on: ProgramCheck) {
    this.#program = program;
    this.#on = on;
  }

  check(pipeline: Node): void {
    const tables = list(pipeline["tables"]);
    const conditionals = list(pipeline["conditionals"]);
    const nodes = [...tables, ...conditionals];
    const names = new Set(nodes.map(({ name }) => name));
    if (names.size !== nodes.length) this.#on.fault("two nodes of one name");
    const known = (next: unknown): void => {
      if (next !== null && !names.has(next)) this.#on.fault(`no node ${show(next)}`);
    };
    known(pipeline["init_table"]);
    for (const table of tables) this.#table(table, pipeline, known);
    for (const conditional of conditionals) {
      this.#on.expression(conditional["expression"]);
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
      if (path.includes(name)) this.#on.fault(`a loop through ${show(name)}`);
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
    for (const { name } of nodes) if (!done.has(name)) this.#on.fault(`${show(name)} is never reached`);
  }

  #table(table: Node, pipeline: Node, known: (next: unknown) => void): void {
    const name = String(table["name"]);
    const ids = table["action_ids"] as number[];
    const actions = list(this.#program["actions"]);
    const actionNames = ids.map((id) => actions.find((action) => action["id"] === id)?.["name"]);
    if (actionNames.includes(undefined)) this.#on.fault(`${name} has an action that is none`);
    if (JSON.stringify(actionNames) !== JSON.stringify(table["actions"]))
      this.#on.fault(`names of the actions of ${name}`);
    const next = Object.keys(asNode(table["next_tables"])).toSorted();
    const isHit = JSON.stringify(next) === JSON.stringify(["__HIT__", "__MISS__"]);
    if (!isHit && JSON.stringify(next) !== JSON.stringify([...new Set(actionNames)].toSorted()))
      this.#on.fault(`next tables of ${name}`);
    for (const target of Object.values(asNode(table["next_tables"]))) known(target);
    known(table["base_default_next"]);
    const keys = list(table["key"]);
    for (const key of keys) this.#on.field(key["target"]);
    if (table["type"] !== "simple") {
      const profile = list(pipeline["action_profiles"]).find((each) => each["name"] === table["action_profile"]);
      if (profile === undefined) this.#on.fault(`${name} has no profile`);
      if ((profile?.["selector"] !== undefined) !== (table["type"] === "indirect_ws"))
        this.#on.fault(`selector of ${name}`);
    }
    if (table["direct_meters"] !== null) this.#on.named("meter_arrays", table["direct_meters"]);
    const use = (entry: Node): void => {
      if (!ids.includes(Number(entry["action_id"]))) this.#on.fault(`${name} uses an action that it has not`);
      const action = actions.find(({ id }) => id === entry["action_id"]);
      if (list(action?.["runtime_data"]).length !== list(entry["action_data"]).length)
        this.#on.fault(`action data in ${name}`);
    };
    if (table["default_entry"] !== undefined) use(asNode(table["default_entry"]));
    for (const entry of list(table["entries"])) {
      use(asNode(entry["action_entry"]));
      const matches = list(entry["match_key"]);
      if (matches.length !== keys.length) this.#on.fault(`an entry of ${name} has ${matches.length} keys`);
      matches.forEach((match, index) => {
        if (match["match_type"] !== keys[index]?.["match_type"])
          this.#on.fault(`a match of ${name} is of another kind`);
      });
    }
  }

  checkDirectArrays(): void {
    const tables = list(this.#program["pipelines"]).flatMap((pipeline) => list(pipeline["tables"]));
    for (const section of ["counter_arrays", "meter_arrays"]) {
      for (const array of list(this.#program[section])) {
        if (array["is_direct"] !== true) continue;
        if (!tables.some(({ name }) => name === array["binding"]))
          this.#on.fault(`${String(array["name"])} belongs to no table`);
        if (section === "meter_arrays" && array["result_target"] !== undefined) this.#on.field(array["result_target"]);
      }
    }
  }
}
