import type { Semantics } from "../check/semantics.ts";
import { checkStoredHeaders } from "../check/stored-headers.ts";
import { isHeader, isUnion, type StackType, type StructType, type Type } from "../check/types.ts";
import { annotationText } from "../syntax/parse-annotation.ts";
import { type Data, type HeaderData, nothing, scalar, type StackData, type UnionData } from "./data.ts";
import { UniqueNames } from "./unique-names.ts";
import { type FieldValue, type Shape, shapeOf } from "./value.ts";

/** A field of a header type. */
export interface StoredField {
  readonly name: string;
  readonly shape: Shape;
}

/** A header type; `scalars` grows while the program is lowered. */
export interface StoredType {
  readonly name: string;
  readonly fields: readonly StoredField[];
}

/** A header instance. */
export interface StoredHeader {
  readonly name: string;
  readonly type: string;
  readonly metadata: boolean;
}

/** A stack of headers or unions. */
export interface StoredStack {
  readonly name: string;
  readonly type: string;
  readonly elements: readonly string[];
}

/** A union instance. */
export interface StoredUnion {
  readonly name: string;
  readonly type: string;
  readonly members: readonly string[];
}

/** Name of the instance that holds everything that is no header. */
const scalarsName = "scalars";

/** All places where a program keeps something: header instances, and one metadata instance for the rest. */
export class Storage {
  readonly #semantics: Semantics;
  readonly #scalars: StoredField[] = [];
  readonly #names = new UniqueNames([scalarsName]);
  readonly #headerTypes = new Map<string, StoredType>();
  readonly headers: StoredHeader[] = [{ name: scalarsName, type: "scalars_0", metadata: true }];
  readonly stacks: StoredStack[] = [];
  readonly unionStacks: StoredStack[] = [];
  readonly unionTypes = new Map<
    string,
    StoredType & { readonly members: readonly { readonly name: string; readonly type: string }[] }
  >();
  readonly unions: StoredUnion[] = [];
  /** Instances that are metadata: all of their fields are places of their own. */
  readonly metadata = new Set<string>([scalarsName]);
  /** `@alias` of fields: other names for them. */
  readonly aliases: { readonly alias: string; readonly header: string; readonly field: string }[] = [];

  constructor(semantics: Semantics) {
    this.#semantics = semantics;
    this.#headerTypes.set("scalars_0", { name: "scalars_0", fields: this.#scalars });
  }

  get headerTypes(): readonly StoredType[] {
    return [...this.#headerTypes.values()];
  }

  headerType(name: string): StoredType | undefined {
    return this.#headerTypes.get(name);
  }

  /** Room for a value of a type. Headers get instances of this name, scalars a field of this name. */
  allocate(name: string, type: Type): Data {
    const shape = shapeOf(type);
    if (shape !== undefined) return scalar(this.#allocateScalar(name, shape));
    if (isHeader(type)) return this.#allocateHeader(this.#names.give(name), type);
    if (isUnion(type)) return this.#allocateUnion(this.#names.give(name), type);
    switch (type.kind) {
      case "struct":
        return this.#allocateFields(name, this.#semantics.fieldsOf(type));
      case "tuple":
        return this.#allocateFields(
          name,
          type.elements.map((element, index) => ({ name: String(index), type: element })),
        );
      case "stack":
        return this.#allocateStack(this.#names.give(name), type);
      default:
        return nothing;
    }
  }

  /** The parts of a struct, with names that do not begin with that of the struct itself where it has none. */
  #allocateFields(name: string, fields: readonly { name: string; type: Type }[]): Data {
    const prefix = name === "" ? "" : `${name}.`;
    return {
      kind: "struct",
      fields: new Map(fields.map((field) => [field.name, this.allocate(prefix + field.name, field.type)])),
    };
  }

  /** A metadata instance with a type of its own, such as standard_metadata. */
  allocateMetadata(name: string, type: StructType): Data {
    const typeName = this.typeNameOf(type);
    this.headers.push({ name: this.#names.give(name), type: typeName, metadata: true });
    this.metadata.add(name);
    const fields = this.#semantics.fieldsOf(type);
    for (const { name: field, declaration } of fields) {
      const alias = annotationText(declaration.annotations, "alias");
      if (alias !== undefined) this.aliases.push({ alias, header: name, field });
    }
    return {
      kind: "struct",
      fields: new Map(
        fields.map((field) => [
          field.name,
          scalar({ kind: "field", header: name, field: field.name, shape: shapeOf(field.type) ?? { kind: "bool" } }),
        ]),
      ),
    };
  }

  /** The member of a header as data. */
  fieldsOfHeader(header: HeaderData): ReadonlyMap<string, Data> {
    const type = this.#headerTypes.get(this.typeNameOf(header.type));
    const read = (path: string, shape: Shape): Data => {
      const { reference } = header;
      if (reference.kind === "instance") return scalar({ kind: "field", header: reference.name, field: path, shape });
      const field = type?.fields.findIndex(({ name }) => name === path) ?? 0;
      if (header.last === true) return scalar({ kind: "last-field", stack: reference.stack, name: path, field, shape });
      return scalar({ kind: "element-field", stack: reference.stack, index: reference.index, field, shape });
    };
    const build = (struct: StructType, prefix: string): ReadonlyMap<string, Data> =>
      new Map(
        this.#semantics.fieldsOf(struct).map((field): [string, Data] => {
          const path = prefix + field.name;
          const shape = shapeOf(field.type);
          if (shape !== undefined) return [field.name, read(path, shape)];
          return [
            field.name,
            field.type.kind === "struct" ? { kind: "struct", fields: build(field.type, `${path}.`) } : nothing,
          ];
        }),
      );
    return build(header.type, "");
  }

  /** The name of a header type, which is made when it is first asked for. */
  typeNameOf(type: StructType): string {
    const name =
      type.arguments.length === 0
        ? type.declaration.name.text
        : `${type.declaration.name.text}_${type.arguments.map((each) => (each.kind === "bits" ? each.width : each.kind)).join("_")}`;
    if (!this.#headerTypes.has(name)) {
      this.#headerTypes.set(name, { name, fields: [...this.#flatten(type, "")] });
      // Most have been checked with what holds them; the results of functions have not.
      if (isHeader(type)) checkStoredHeaders(this.#semantics, type);
    }
    return name;
  }

  *#flatten(type: StructType, prefix: string): Generator<StoredField> {
    for (const field of this.#semantics.fieldsOf(type)) {
      const shape = shapeOf(field.type);
      if (shape !== undefined) yield { name: prefix + field.name, shape };
      else if (field.type.kind === "struct") yield* this.#flatten(field.type, `${prefix}${field.name}.`);
    }
  }

  #allocateScalar(name: string, shape: Shape): FieldValue {
    const field = this.#names.give(name);
    this.#scalars.push({ name: field, shape });
    return { kind: "field", header: scalarsName, field, shape };
  }

  #allocateHeader(name: string, type: StructType): HeaderData {
    this.headers.push({ name, type: this.typeNameOf(type), metadata: false });
    return { kind: "header", reference: { kind: "instance", name }, type };
  }

  #allocateUnion(name: string, type: StructType): UnionData {
    const members = new Map<string, HeaderData>();
    const types: { name: string; type: string }[] = [];
    for (const field of this.#semantics.fieldsOf(type)) {
      if (!isHeader(field.type)) continue;
      members.set(field.name, this.#allocateHeader(`${name}.${field.name}`, field.type));
      types.push({ name: field.name, type: this.typeNameOf(field.type) });
    }
    const typeName = type.declaration.name.text;
    this.unionTypes.set(typeName, { name: typeName, fields: [], members: types });
    this.unions.push({ name, type: typeName, members: [...members.keys()].map((member) => `${name}.${member}`) });
    return { kind: "union", name, members, type };
  }

  #allocateStack(name: string, type: StackType): StackData {
    const elements = Array.from({ length: type.size }, (_, index): HeaderData | UnionData => {
      const element = `${name}[${index}]`;
      return isUnion(type.element)
        ? this.#allocateUnion(element, type.element)
        : this.#allocateHeader(element, type.element as StructType);
    });
    const names = elements.map((_, index) => `${name}[${index}]`);
    if (isUnion(type.element))
      this.unionStacks.push({ name, type: type.element.declaration.name.text, elements: names });
    else this.stacks.push({ name, type: this.typeNameOf(type.element as StructType), elements: names });
    return { kind: "stack", name, elements, type };
  }
}
