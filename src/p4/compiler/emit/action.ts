import type { Label, LoweredAction, Operation } from "../lower/operation.ts";
import { toOperand, toParameter } from "./expression.ts";
import { hex, type Json, sourceInfo } from "./json.ts";
import { simplify } from "./simplify.ts";

interface Primitive {
  readonly op: string;
  readonly parameters: readonly Json[];
  readonly source_info?: Json;
}

/** An action of BMv2. */
export interface ActionJson {
  readonly name: string;
  readonly id: number;
  readonly runtime_data: Json;
  readonly primitives: Json;
}

/** The actions of a program; ids are given in the order of asking. */
export class ActionList {
  readonly actions: ActionJson[] = [];

  /** Returns the id. */
  add({ name, parameters, body }: Pick<LoweredAction, "name" | "parameters" | "body">): number {
    const id = this.actions.length;
    const runtimeData = parameters.map((parameter) => ({ name: parameter.name, bitwidth: parameter.width }));
    this.actions.push({ name, id, runtime_data: runtimeData, primitives: primitivesOf(body) as unknown as Json });
    return id;
  }
}

/** One operation as a primitive, if it is one. */
export function toPrimitive(operation: Operation): Primitive | undefined {
  switch (operation.kind) {
    case "assign":
      return {
        op: "assign",
        parameters: [toParameter(operation.target), toParameter(operation.source)],
        source_info: sourceInfo(operation.span),
      };
    case "primitive":
      return {
        op: operation.operator,
        parameters: operation.operands.map(toOperand),
        source_info: sourceInfo(operation.span),
      };
    default:
      return undefined;
  }
}

/**
 * Operations as a list of primitives. Structure becomes jumps: to the place of a primitive in the list, its length to go to
 * the end.
 */
function primitivesOf(operations: readonly Operation[]): readonly Primitive[] {
  const list = new PrimitiveList();
  list.append(simplify(operations));
  return list.finish();
}

/** A jump whose destination is known only when the list is complete. */
interface Mark {
  index: number | undefined;
}

class PrimitiveList {
  readonly #primitives: (() => Primitive)[] = [];
  readonly #labels = new Map<Label, Mark>();
  readonly #end: Mark = { index: undefined };

  append(operations: readonly Operation[]): void {
    for (const operation of operations) this.#appendOne(operation);
  }

  finish(): readonly Primitive[] {
    this.#end.index = this.#primitives.length;
    return this.#primitives.map((primitive) => primitive());
  }

  #appendOne(operation: Operation): void {
    switch (operation.kind) {
      case "block": {
        const mark: Mark = { index: undefined };
        this.#labels.set(operation.label, mark);
        this.append(operation.body);
        mark.index = this.#primitives.length;
        return;
      }
      case "leave": {
        const mark = this.#labels.get(operation.label) ?? this.#end;
        this.#jump(mark);
        return;
      }
      case "if": {
        const [otherwise, after]: [Mark, Mark] = [{ index: undefined }, { index: undefined }];
        const { condition, span } = operation;
        this.#primitives.push(() => ({
          op: "_jump_if_zero",
          parameters: [toParameter(condition), address(otherwise)],
          source_info: sourceInfo(span),
        }));
        this.append(operation.then);
        if (operation.otherwise.length > 0) this.#jump(after);
        otherwise.index = this.#primitives.length;
        this.append(operation.otherwise);
        after.index = this.#primitives.length;
        return;
      }
      case "exit":
        this.#primitives.push(() => ({ op: "exit", parameters: [], source_info: sourceInfo(operation.span) }));
        this.#jump(this.#end);
        return;
      case "action":
        this.append(operation.body);
        return;
      default: {
        const primitive = toPrimitive(operation);
        if (primitive !== undefined) this.#primitives.push(() => primitive);
      }
    }
  }

  #jump(mark: Mark): void {
    this.#primitives.push(() => ({ op: "_jump", parameters: [address(mark)] }));
  }
}

function address({ index }: Mark): Json {
  return { type: "hexstr", value: hex(BigInt(index ?? 0), 1) };
}
