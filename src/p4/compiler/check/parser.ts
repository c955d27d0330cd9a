import { nameHint } from "../diagnostics/name-hint.ts";
import type { Name, ParserBody, ParserDeclaration, SelectCase, StateDeclaration } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { checkExpression } from "./expression.ts";
import { checkKeyset } from "./keyset.ts";
import { checkLocals } from "./locals.ts";
import { checkStatements } from "./statement.ts";
import { warnAboutUninitialised } from "./uninitialised.ts";

/** States that every parser has. */
const finalStates = ["accept", "reject"];

/** The inside of a parser; its parameters are in the scope of the context. */
export function checkParserBody(context: Context, { name }: ParserDeclaration, body: ParserBody): void {
  const inside = context.inner({ surroundings: "parser" });
  checkLocals(inside, body.locals);
  const states = new Map<string, StateDeclaration>();
  for (const state of body.states) {
    const { text, span } = state.name;
    if (finalStates.includes(text)) inside.error(span, `every parser has a state ${text} of its own`);
    else if (states.has(text)) inside.error(span, `the state ${text} is declared twice`);
    else states.set(text, state);
  }
  if (!states.has("start")) {
    const hint = nameHint("start", states.keys());
    inside.error(name.span, `the parser ${name.text} has no state start, where it would begin`, hint);
  }
  for (const state of body.states) checkState(inside.inner(), state, states);
  warnAboutUnreached(inside, states);
}

function checkState(context: Context, state: StateDeclaration, states: ReadonlyMap<string, StateDeclaration>): void {
  checkStatements(context, state.statements);
  warnAboutUninitialised(context.semantics, state.statements);
  const { transition } = state;
  if (transition === undefined) {
    context.diagnostics.warn(
      state.name.span,
      `the state ${state.name.text} has no transition: the packet is rejected`,
      "write transition accept;",
    );
    return;
  }
  if (transition.kind === "direct") {
    checkTarget(context, transition.next, states);
    return;
  }
  const keys = transition.keys.map((key) => checkExpression(context, key));
  transition.keys.forEach((key, index) => {
    const type = keys[index];
    if (type !== undefined && !["bits", "bool", "enum", "error", "new", "unknown"].includes(type.kind)) {
      context.error(key.span, "a key of a select is a number, a bool or a member of an enumeration");
    }
  });
  let catchAll: SelectCase | undefined;
  for (const selected of transition.cases) {
    if (catchAll !== undefined)
      context.diagnostics.warn(selected.span, "this case is never reached: the one before takes everything");
    checkKeyset(context, selected.keyset, keys, true);
    checkTarget(context, selected.next, states);
    if (takesEverything(selected)) catchAll = selected;
  }
}

/** Whether a case applies whatever the keys are. */
export function takesEverything({ keyset }: Pick<SelectCase, "keyset">): boolean {
  if (keyset.kind === "list") return keyset.elements.every((element) => takesEverything({ keyset: element }));
  return keyset.kind === "default" || keyset.kind === "dont-care";
}

function checkTarget(context: Context, { text, span }: Name, states: ReadonlyMap<string, StateDeclaration>): void {
  if (finalStates.includes(text) || states.has(text)) return;
  context.unknownName(span, "state", text, [...states.keys(), ...finalStates]);
}

function warnAboutUnreached(context: Context, states: ReadonlyMap<string, StateDeclaration>): void {
  const reached = new Set<string>();
  const open = ["start"];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = states.get(name);
    if (state === undefined || reached.has(name)) continue;
    reached.add(name);
    const { transition } = state;
    if (transition?.kind === "direct") open.push(transition.next.text);
    else open.push(...(transition?.cases ?? []).map(({ next }) => next.text));
  }
  if (!states.has("start")) return;
  for (const [name, state] of states) {
    if (!reached.has(name)) context.diagnostics.warn(state.name.span, `no transition leads to the state ${name}`);
  }
}
