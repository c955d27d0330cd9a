import type { Label, Operation, Outcome } from "../lower/operation.ts";

/**
 * The same operations without what says nothing: blocks that nobody leaves, leaves that lead to what follows anyway, and
 * whatever stands behind an operation that never goes on.
 */
export function simplify(operations: readonly Operation[]): readonly Operation[] {
  const result: Operation[] = [];
  for (const operation of operations) {
    result.push(...simplified(operation));
    if (operation.kind === "leave" || operation.kind === "exit") break;
  }
  return result;
}

function simplified(operation: Operation): readonly Operation[] {
  switch (operation.kind) {
    case "block": {
      const body = withoutLastLeave(simplify(operation.body), operation.label);
      return body.some((inner) => leaves(inner, operation.label)) ? [{ ...operation, body }] : body;
    }
    case "if":
      return [{ ...operation, then: simplify(operation.then), otherwise: simplify(operation.otherwise) }];
    case "action":
      return [{ ...operation, body: simplify(operation.body) }];
    case "apply":
      return [{ ...operation, outcome: simplifiedOutcome(operation.outcome) }];
    case "states":
      return [
        {
          ...operation,
          states: operation.states.map((state) => ({ ...state, operations: simplify(state.operations) })),
        },
      ];
    default:
      return [operation];
  }
}

function simplifiedOutcome(outcome: Outcome): Outcome {
  if (outcome.kind === "none") return outcome;
  if (outcome.kind === "hit") return { ...outcome, hit: simplify(outcome.hit), miss: simplify(outcome.miss) };
  // Labels that share a body go on sharing it.
  const bodies = new Map<readonly Operation[], readonly Operation[]>();
  const once = (body: readonly Operation[]): readonly Operation[] => {
    const known = bodies.get(body) ?? simplify(body);
    bodies.set(body, known);
    return known;
  };
  const cases = new Map([...outcome.cases].map(([action, body]) => [action, once(body)]));
  return { ...outcome, cases, otherwise: once(outcome.otherwise) };
}

/** Leaves of a label at the end of its block, also at the ends of branches there, lead where they are anyway. */
function withoutLastLeave(body: readonly Operation[], label: Label): readonly Operation[] {
  const last = body.at(-1);
  const before = body.slice(0, -1);
  if (last?.kind === "leave" && last.label === label) return before;
  if (last?.kind === "if") {
    const [then, otherwise] = [withoutLastLeave(last.then, label), withoutLastLeave(last.otherwise, label)];
    return [...before, { ...last, then, otherwise }];
  }
  return body;
}

/** Whether an operation leaves a block somewhere inside. */
function leaves(operation: Operation, label: Label): boolean {
  const any = (operations: readonly Operation[]): boolean => operations.some((inner) => leaves(inner, label));
  switch (operation.kind) {
    case "leave":
      return operation.label === label;
    case "block":
    case "action":
      return any(operation.body);
    case "if":
      return any(operation.then) || any(operation.otherwise);
    case "apply": {
      const { outcome } = operation;
      if (outcome.kind === "hit") return any(outcome.hit) || any(outcome.miss);
      return outcome.kind === "action" && (any(outcome.otherwise) || [...outcome.cases.values()].some(any));
    }
    case "states":
      return operation.states.some((state) => any(state.operations));
    default:
      return false;
  }
}
