import type { Span } from "../diagnostics/source-file.ts";
import type { ApplyOperation, Label, LoweredTable, Operation } from "../lower/operation.ts";
import type { UniqueNames } from "../lower/unique-names.ts";
import type { Value } from "../lower/value.ts";
import type { ActionList } from "./action.ts";
import { toCondition } from "./expression.ts";
import { type Json, sourceInfo } from "./json.ts";
import { simplify } from "./simplify.ts";
import { type NextNodes, statementTable, tableJson } from "./table.ts";

/** A node of the graph that a pipeline walks; its name is given when the graph is complete. */
type Node =
  | { readonly kind: "table"; readonly table: LoweredTable; readonly next: NextNodes<Node> }
  | {
      readonly kind: "conditional";
      readonly condition: Value;
      readonly then: Node | undefined;
      readonly otherwise: Node | undefined;
      readonly span: Span;
    };

/** Names and numbers that both pipelines share. */
export interface PipelineNumbers {
  tables: number;
  conditionals: number;
  readonly names: UniqueNames;
}

/** A pipeline of BMv2: tables and conditionals that lead to each other. */
export function pipelineJson(
  name: "ingress" | "egress",
  id: number,
  operations: readonly Operation[],
  program: string,
  actions: ActionList,
  profiles: (tables: readonly LoweredTable[]) => Json,
  numbers: PipelineNumbers,
): Json {
  const builder = new GraphBuilder(program);
  const first = builder.build(simplify(operations), undefined);
  const nodes = reachable(first);
  const names = new Map<Node, string>();
  for (const node of nodes) {
    if (node.kind === "conditional") names.set(node, `node_${++numbers.conditionals}`);
    else names.set(node, numbers.names.give(node.table.name));
  }
  const nameOf = (node: Node | undefined): string | null => (node === undefined ? null : (names.get(node) ?? null));
  const tables = nodes.filter((node) => node.kind === "table");
  const conditionals = nodes.filter((node) => node.kind === "conditional");
  return {
    name,
    id,
    init_table: nameOf(first),
    tables: tables.map(({ table, next }, index) =>
      tableJson({ ...table, name: nameOf(tables[index]) ?? table.name }, numbers.tables++, next, nameOf, actions),
    ),
    action_profiles: profiles(tables.map(({ table }) => table)),
    conditionals: conditionals.map((node, index) => ({
      name: nameOf(node) ?? "",
      id: index,
      source_info: sourceInfo(node.span),
      expression: toCondition(node.condition),
      true_next: nameOf(node.then),
      false_next: nameOf(node.otherwise),
    })),
  };
}

/** All nodes in the order in which they are first reached. */
function reachable(first: Node | undefined): readonly Node[] {
  const found = new Set<Node>();
  const open = [first];
  while (open.length > 0) {
    const node = open.pop();
    if (node === undefined || found.has(node)) continue;
    found.add(node);
    const followers = node.kind === "conditional" ? [node.then, node.otherwise] : followersOf(node.next);
    open.push(...followers.toReversed());
  }
  return [...found];
}

function followersOf(next: NextNodes<Node>): readonly (Node | undefined)[] {
  if (next.kind === "hit") return [next.hit, next.miss];
  return [...next.cases.values(), next.otherwise];
}

/** Builds the graph from its end: what follows an operation is known before the operation itself. */
class GraphBuilder {
  readonly #labels = new Map<Label, Node | undefined>();
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
  }

  /** The node that operations begin with, given what comes after them. */
  build(operations: readonly Operation[], after: Node | undefined): Node | undefined {
    let next = after;
    let statements: Operation[] = [];
    const flush = (): void => {
      if (statements.length === 0) return;
      const table = statementTable(statements.toReversed(), this.#program);
      next = { kind: "table", table, next: { kind: "action", cases: new Map(), otherwise: next } };
      statements = [];
    };
    for (const operation of operations.toReversed()) {
      if (operation.kind === "assign" || operation.kind === "primitive") {
        statements.push(operation);
        continue;
      }
      flush();
      next = this.#buildOne(operation, next);
    }
    flush();
    return next;
  }

  #buildOne(operation: Operation, next: Node | undefined): Node | undefined {
    switch (operation.kind) {
      case "block":
        this.#labels.set(operation.label, next);
        return this.build(operation.body, next);
      case "leave":
        return this.#labels.get(operation.label);
      case "exit":
        return undefined;
      case "if": {
        const then = this.build(operation.then, next);
        const otherwise = this.build(operation.otherwise, next);
        if (then === otherwise) return then;
        return { kind: "conditional", condition: operation.condition, then, otherwise, span: operation.span };
      }
      case "action": {
        if (operation.body.length === 0) return next;
        const table = statementTable([operation], this.#program);
        return { kind: "table", table, next: { kind: "action", cases: new Map(), otherwise: next } };
      }
      case "apply":
        return { kind: "table", table: operation.table, next: this.#buildOutcome(operation, next) };
      default:
        return next;
    }
  }

  #buildOutcome({ outcome }: ApplyOperation, next: Node | undefined): NextNodes<Node> {
    switch (outcome.kind) {
      case "none":
        return { kind: "action", cases: new Map(), otherwise: next };
      case "hit":
        return { kind: "hit", hit: this.build(outcome.hit, next), miss: this.build(outcome.miss, next) };
      case "action": {
        // Labels that share a body share its nodes.
        const built = new Map<readonly Operation[], Node | undefined>();
        const buildOnce = (body: readonly Operation[]): Node | undefined => {
          if (!built.has(body)) built.set(body, this.build(body, next));
          return built.get(body);
        };
        const cases = new Map([...outcome.cases].map(([action, body]) => [action, buildOnce(body)]));
        return { kind: "action", cases, otherwise: buildOnce(outcome.otherwise) };
      }
    }
  }
}
