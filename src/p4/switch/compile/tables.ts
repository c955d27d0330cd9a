import type { Action, Node, Pipeline, Table } from "../format/program.ts";
import { recordWords } from "../state/bound-action.ts";
import { keyLayout, wordCount, writeWords } from "../state/key.ts";
import { Code } from "./code.ts";
import { HeaderWriter } from "./headers.ts";
import type { Layout } from "./layout.ts";
import { unsigned } from "./range.ts";
import { plus } from "./references.ts";
import { Values } from "./values.ts";

/** A function that runs a pipeline; nodes are the cases of one switch, in an order in which most fall through. */
export function pipelineFunction(pipeline: Pipeline, layout: Layout): string {
  const code = new Code();
  const nodes = orderedNodes(pipeline);
  const numbers = new Map<unknown, number>(nodes.map((node, at) => [subject(node), at]));
  const cyclic = hasCycle(pipeline);
  code.line(`function ${pipeline.name}() {`);
  code.line("I.exited = false;");
  if (pipeline.first !== undefined) {
    code.line(`let n = ${numbers.get(subject(pipeline.first)) ?? 0}${cyclic ? ", steps = 0" : ""};`);
    code.line("for (;;) {");
    if (cyclic) code.line('if (++steps > rt.stepLimit) throw rt.faults["endless loop"];');
    code.line("switch (n) {");
    const goTo = (next: Node | undefined): string =>
      next === undefined ? "return;" : `n = ${numbers.get(subject(next)) ?? 0};`;
    for (const [at, node] of nodes.entries()) {
      code.block(`case ${at}:`, () => {
        new NodeWriter(layout, code, goTo).write(node);
        code.line("break;");
      });
    }
    code.line("}");
    code.line("if (I.exited) return;");
    code.line("}");
  }
  code.line("}");
  return code.toString();
}

class NodeWriter {
  readonly #layout: Layout;
  readonly #code: Code;
  readonly #values: Values;
  readonly #goTo: (next: Node | undefined) => string;

  constructor(layout: Layout, code: Code, goTo: (next: Node | undefined) => string) {
    this.#layout = layout;
    this.#code = code;
    this.#values = new Values(layout, code);
    this.#goTo = goTo;
  }

  write(node: Node): void {
    switch (node.kind) {
      case "conditional": {
        const { condition, whenTrue, whenFalse } = node.conditional;
        this.#code.line(
          `if (${this.#values.truth(condition)}) { ${this.#goTo(whenTrue)} } else { ${this.#goTo(whenFalse)} }`,
        );
        return;
      }
      case "action":
        this.#code.line(`a${node.call.action.index}(E, 0);`);
        this.#code.line(this.#goTo(node.call.next));
        return;
      case "table":
        this.#table(node.table);
    }
  }

  #table(table: Table): void {
    const code = this.#code;
    const { index, keys, next, kind } = table;
    if (keys.length === 0 && kind === "simple" && table.defaultEntryConstant && table.defaultCall !== undefined) {
      // Nobody can change what this table does.
      const { action } = table.defaultCall;
      code.line(`a${action.index}(C${index}, 0);`);
      code.line(this.#goTo(next.byOutcome ? next.miss : next.byAction.get(action.index)));
      return;
    }
    if (keys.length > 0) {
      this.#writeKey(table);
      code.line(`const s = X${index}.get(K${index});`);
    } else {
      code.line("const s = -1;");
    }
    code.block("if (s >= 0)", () => {
      if (table.withCounters) code.line(`T${index}.counters.count(s, I.ingressLength);`);
      if (table.supportTimeout) code.line(`L${index}[s].lastHit = rt.state.now;`);
      if (table.meter !== undefined) this.#meter(table);
    });
    if (kind === "simple") {
      // The action and its parameters: from the entry's record, or from the default.
      code.line("let d, o, k;");
      code.line(`if (s >= 0) { d = T${index}.records; o = s * ${recordWords(table.actions)}; k = d[o++]; }`);
      code.line(`else if (T${index}.defaultOutcome !== undefined) {`);
      code.line(`const c = T${index}.defaultOutcome.call; d = c.words; o = 0; k = c.action.index;`);
      code.line("} else k = -1;");
      this.#dispatch(table, table.actions);
    } else {
      code.line(`const m = s >= 0 ? L${index}[s].outcome : T${index}.defaultOutcome;`);
      const selector = table.profile?.selector;
      if (selector !== undefined) code.line(`if (m !== undefined && m.kind === "group") c${selector.index}();`);
      code.line(`const c = rt.chosen(m, ${JSON.stringify(table.name)});`);
      code.line("let d = E; const o = 0; let k = -1;");
      code.line("if (c !== undefined) { d = c.words; k = c.action.index; }");
      this.#dispatch(table, table.actions);
    }
    if (next.byOutcome) code.line(`if (s >= 0) { ${this.#goTo(next.hit)} } else { ${this.#goTo(next.miss)} }`);
  }

  /** Run the action with index k, parameters d from o on; -1 stands for no action. */
  #dispatch({ next, kind }: Table, actions: readonly Action[]): void {
    const code = this.#code;
    const goTo = (target: Node | undefined): string => (next.byOutcome ? "" : this.#goTo(target));
    code.block("switch (k)", () => {
      for (const action of actions) {
        const after = goTo(next.byAction.get(action.index));
        code.line(`case ${action.index}: a${action.index}(d, o); ${after} break;`);
      }
      // A member of a profile that another table shares.
      const stranger = kind === "simple" ? "" : `if (k >= 0) { A[k](d, o); ${goTo(undefined)} break; }`;
      code.line(`default: ${stranger} ${goTo(next.baseDefault)}`);
    });
  }

  #meter(table: Table): void {
    const colour = this.#code.temp(`T${table.index}.meters.execute(s, I.ingressLength, rt.state.now)`);
    const target = table.meter?.target;
    if (target === undefined) return;
    const field = this.#values.references.field(this.#values.references.named(target.header), target.index);
    const value = { op: "computed", type: "number", code: colour, range: unsigned(8) } as const;
    new HeaderWriter(this.#layout, this.#code).store(field, value, this.#values);
  }

  #writeKey(table: Table): void {
    const { offsets } = keyLayout(table);
    for (const [at, { target, width, mask }] of table.keys.entries()) {
      const offset = offsets[at] ?? 0;
      if ("validityOf" in target) {
        this.#code.line(
          `K${table.index}[${offset}] = ${this.#values.exact({ op: "validity", of: target.validityOf })};`,
        );
        continue;
      }
      const { header, index } = target;
      const word = plus(this.#layout.header(header).word, this.#layout.type(header.type).offsets[index] ?? 0);
      const count = wordCount(width);
      const masks = new Uint32Array(count).fill(0xffff_ffff);
      if (mask !== undefined) writeWords(mask, masks, 0, count);
      for (let part = 0; part < count; part += 1) {
        const bits = masks[part] ?? 0;
        const masked = bits === 0xffff_ffff ? "" : ` & ${bits}`;
        this.#code.line(`K${table.index}[${offset + part}] = F[${plus(word, part)}]${masked};`);
      }
    }
  }
}

/** What tells a node from others; two Node objects may speak of the same table. */
function subject(node: Node): unknown {
  switch (node.kind) {
    case "table":
      return node.table;
    case "conditional":
      return node.conditional;
    case "action":
      return node.call;
  }
}

function successors(node: Node): readonly Node[] {
  const all = ((): readonly (Node | undefined)[] => {
    switch (node.kind) {
      case "conditional":
        return [node.conditional.whenTrue, node.conditional.whenFalse];
      case "action":
        return [node.call.next];
      case "table": {
        const { hit, miss, byAction, baseDefault } = node.table.next;
        return [hit, miss, baseDefault, ...byAction.values()];
      }
    }
  })();
  return all.filter((next) => next !== undefined);
}

/** Nodes that can be reached, each before its successors where that is possible. */
function orderedNodes({ first }: Pipeline): readonly Node[] {
  const ordered: Node[] = [];
  const seen = new Set<unknown>();
  const visit = (node: Node): void => {
    if (seen.has(subject(node))) return;
    seen.add(subject(node));
    for (const next of successors(node)) visit(next);
    ordered.push(node);
  };
  if (first !== undefined) visit(first);
  return ordered.reverse();
}

function hasCycle({ first }: Pipeline): boolean {
  const done = new Set<unknown>();
  const open = new Set<unknown>();
  const visit = (node: Node): boolean => {
    const key = subject(node);
    if (open.has(key)) return true;
    if (done.has(key)) return false;
    open.add(key);
    const found = successors(node).some(visit);
    open.delete(key);
    done.add(key);
    return found;
  };
  return first !== undefined && visit(first);
}
