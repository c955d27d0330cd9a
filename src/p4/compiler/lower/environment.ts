import type { ResolvedCall } from "../check/semantics.ts";
import type { Type, TypeBindings } from "../check/types.ts";
import type {
  ControlDeclaration,
  Declaration,
  ExternDeclaration,
  ParserDeclaration,
  TableDeclaration,
} from "../syntax/ast.ts";
import type { Data } from "./data.ts";

/** What a name stands for while the program is lowered. */
export type Binding = Data | Instance;

/** Something that was made by a constructor, or a table. */
export type Instance =
  | ExternInstance
  | BlockInstance
  | TableInstance
  | { readonly kind: "value-set"; readonly name: string; readonly type: Type }
  /** packet_in or packet_out. */
  | { readonly kind: "packet" };

/** An instance of an extern, with the name of its array or profile. */
export interface ExternInstance {
  readonly kind: "extern";
  readonly declaration: ExternDeclaration;
  readonly name: string;
  readonly types: TypeBindings;
  readonly call: ResolvedCall;
}

/** An instance of a parser or control. */
export interface BlockInstance {
  readonly kind: "block";
  readonly declaration: ParserDeclaration | ControlDeclaration;
  /** With the names of the instances around it: `MyIngress.sub`. */
  readonly name: string;
  readonly environment: Environment;
  /** How often it has been applied. */
  applied: number;
}

/** A table of one instance of a control. */
export interface TableInstance {
  readonly kind: "table";
  readonly declaration: TableDeclaration;
  readonly name: string;
  readonly environment: Environment;
  /** The name of the control around it, which names of actions begin with. */
  readonly prefix: string;
  applied: boolean;
}

/** Names and what they stand for, one scope of them. */
export class Environment {
  readonly parent: Environment | undefined;
  /** What type parameters stand for here. */
  readonly types: TypeBindings;
  /** Control-plane name of the block that this is inside of; empty outside of all. */
  readonly prefix: string;
  readonly #bindings = new Map<Declaration, Binding>();

  constructor(parent?: Environment, { types, prefix }: { types?: TypeBindings; prefix?: string } = {}) {
    this.parent = parent;
    this.types = types ?? parent?.types ?? new Map();
    this.prefix = prefix ?? parent?.prefix ?? "";
  }

  bind(declaration: Declaration, binding: Binding): void {
    this.#bindings.set(declaration, binding);
  }

  find(declaration: Declaration): Binding | undefined {
    return this.#bindings.get(declaration) ?? this.parent?.find(declaration);
  }

  /** The scope that a declaration was bound in. */
  owner(declaration: Declaration): Environment | undefined {
    return this.#bindings.has(declaration) ? this : this.parent?.owner(declaration);
  }
}
