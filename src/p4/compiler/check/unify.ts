import type { ControlDeclaration, Parameter, ParserDeclaration, TypeParameter } from "../syntax/ast.ts";
import type { Semantics } from "./semantics.ts";
import { type BlockType, sameType, substitute, type Type, type TypeBindings, unknownType } from "./types.ts";

/** Finds what type parameters stand for by laying types with parameters over types without. */
export class Unifier {
  readonly #semantics: Semantics;
  readonly #open: ReadonlySet<TypeParameter>;
  readonly bindings = new Map<TypeParameter, Type>();

  /** @param open - the parameters to find */
  constructor(semantics: Semantics, open: readonly TypeParameter[]) {
    this.#semantics = semantics;
    this.#open = new Set(open);
  }

  /** A type with what has been found so far. */
  apply(type: Type): Type {
    return substitute(type, this.bindings);
  }

  /** Whether a type still has parameters that have not been found. */
  isOpen(type: Type): boolean {
    switch (type.kind) {
      case "variable":
        return this.#open.has(type.parameter) && !this.bindings.has(type.parameter);
      case "struct":
      case "extern":
      case "block":
      case "package":
        return type.arguments.some((each) => this.isOpen(each));
      case "tuple":
        return type.elements.some((each) => this.isOpen(each));
      case "stack":
      case "set":
        return this.isOpen(type.element);
      default:
        return false;
    }
  }

  /** Whether `found` can be an instance of `pattern`; binds what this tells about parameters. */
  unify(pattern: Type, found: Type): boolean {
    if (pattern.kind === "variable" && this.#open.has(pattern.parameter)) {
      const bound = this.bindings.get(pattern.parameter);
      // A number without a width takes any, so a width that comes later is the better one.
      if (bound === undefined || (bound.kind === "integer" && found.kind === "bits")) {
        this.bindings.set(pattern.parameter, found);
        return true;
      }
      return sameType(bound, found) || (found.kind === "integer" && bound.kind === "bits");
    }
    if (pattern.kind === "dont-care" || found.kind === "unknown") return true;
    if (pattern.kind === "block" && found.kind === "block") return this.#unifyBlocks(pattern, found);
    if (pattern.kind === "struct" && found.kind === "struct") {
      return pattern.declaration === found.declaration && this.#unifyAll(pattern.arguments, found.arguments);
    }
    if (pattern.kind === "extern" && found.kind === "extern") {
      return pattern.declaration === found.declaration && this.#unifyAll(pattern.arguments, found.arguments);
    }
    if (pattern.kind === "tuple" && found.kind === "tuple") return this.#unifyAll(pattern.elements, found.elements);
    if (pattern.kind === "stack" && found.kind === "stack") {
      return pattern.size === found.size && this.unify(pattern.element, found.element);
    }
    return sameType(this.apply(pattern), found);
  }

  #unifyAll(patterns: readonly Type[], found: readonly Type[]): boolean {
    return (
      patterns.length === found.length &&
      patterns.every((pattern, index) => this.unify(pattern, found[index] ?? unknownType))
    );
  }

  /** A parser or control is of a type when its parameters are, one by one, whatever their names. */
  #unifyBlocks(pattern: BlockType, found: BlockType): boolean {
    if (pattern.declaration === found.declaration) return this.#unifyAll(pattern.arguments, found.arguments);
    if (pattern.declaration.kind !== found.declaration.kind) return false;
    const wanted = this.#parameterTypes(pattern);
    const given = this.#parameterTypes(found);
    return (
      wanted.length === given.length &&
      wanted.every(({ parameter, type }, index) => {
        const other = given[index];
        return other?.parameter.direction === parameter.direction && this.unify(type, other.type);
      })
    );
  }

  #parameterTypes({ declaration, arguments: types }: BlockType): readonly { parameter: Parameter; type: Type }[] {
    const bindings = bindingsOf(declaration, types);
    return declaration.parameters.map((parameter) => ({
      parameter,
      type: substitute(this.#semantics.typeOfDeclaration(parameter), bindings),
    }));
  }
}

/** The type parameters of a declaration with the arguments that they are given. */
export function bindingsOf(
  { typeParameters }: Pick<ParserDeclaration | ControlDeclaration, "typeParameters">,
  types: readonly Type[],
): TypeBindings {
  if (types.length === 0) return new Map();
  return new Map(typeParameters.map((parameter, index) => [parameter, types[index] ?? unknownType]));
}
