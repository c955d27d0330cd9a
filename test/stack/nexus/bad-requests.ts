/** What of JSON Schema the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly example?: unknown;
  readonly maxItems?: number;
  readonly minItems?: number;
}

/** An operation of an OpenAPI document. */
export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: "path" | "query";
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
}

/** An OpenAPI document. */
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A value that is wrong, how, and the name of the field that is. */
export interface Mutation {
  readonly what: string;
  readonly field: string;
  readonly value: unknown;
}

/** Makes values that fit the schemas of a document, and values that do not. */
export class RequestMaker {
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
  }

  #resolve(schema: Schema): Schema {
    if (schema.allOf !== undefined) {
      return Object.assign({}, ...schema.allOf.map((each) => this.#resolve(each)), { allOf: undefined }) as Schema;
    }
    if (schema.$ref === undefined) return schema;
    const name = schema.$ref.split("/").at(-1) ?? "";
    const found = this.#document.components.schemas[name];
    if (found === undefined) throw new Error(`no schema ${name}`);
    return { ...this.#resolve(found) };
  }

  /** A value that fits; `field` is its name, for texts that are more than texts. */
  sample(given: Schema, field = ""): unknown {
    const schema = this.#resolve(given);
    const alternatives = schema.oneOf ?? schema.anyOf;
    if (alternatives?.[0] !== undefined) return this.sample(alternatives[0], field);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return schema.enum[0];
    if (schema.example !== undefined) return schema.example;
    switch (typesOf(schema)[0]) {
      case "object":
        return Object.fromEntries(
          Object.entries(schema.properties ?? {})
            .filter(([name]) => schema.required?.includes(name) === true)
            .map(([name, each]) => [name, this.sample(each, name)]),
        );
      case "array":
        return schema.maxItems === 0 || schema.items === undefined ? [] : [this.sample(schema.items, field)];
      case "string":
        return sampleText(schema, field);
      case "integer":
      case "number":
        return schema.minimum ?? 0;
      case "boolean":
        return false;
      case undefined:
      default:
        return null;
    }
  }

  /** Values that differ from one that fits in one place, and do not fit for it. */
  *mutations(given: Schema, field: string, isRequired = true): Generator<Mutation> {
    const schema = this.#resolve(given);
    const alternatives = schema.oneOf ?? schema.anyOf;
    if (alternatives !== undefined) {
      for (const alternative of alternatives) {
        for (const mutation of this.mutations(alternative, field)) {
          // What is wrong for one alternative may be right for another.
          if (alternatives.every((each) => !this.#fits(each, mutation.value))) yield mutation;
        }
      }
      return;
    }
    const types = typesOf(schema);
    const wrong: readonly (readonly [string, unknown])[] = [
      ["string", "wrong"],
      ["number", 0.5],
      ["boolean", true],
      ["null", null],
      ["array", [[]]],
      ["object", {}],
    ];
    for (const [type, value] of wrong) {
      if (types.includes(type) || (type === "null" && !isRequired)) continue;
      if (schema.const === value || schema.enum?.includes(value) === true) continue;
      yield { what: `${field}: ${type} for ${types.join("|")}`, field, value };
    }
    if (types.includes("object")) yield* this.#objectMutations(schema, field);
    if (types.includes("array")) yield* this.#arrayMutations(schema, field);
    if (types.includes("string")) {
      const { maxLength = 4999 } = schema;
      yield { what: `${field}: ${maxLength + 1} characters`, field, value: "x".repeat(maxLength + 1) };
      if (schema.enum !== undefined) yield { what: `${field}: none of the words`, field, value: "neither" };
    }
    if (types.includes("integer")) {
      yield { what: `${field}: too small`, field, value: (schema.minimum ?? 0) - 1 };
      yield { what: `${field}: too large`, field, value: (schema.maximum ?? Number.MAX_SAFE_INTEGER) + 1 };
    }
  }

  *#objectMutations(schema: Schema, field: string): Generator<Mutation> {
    const base = this.sample(schema) as Record<string, unknown>;
    yield { what: `${field}: unknown field`, field: "surprise", value: { ...base, surprise: 1 } };
    for (const [name, each] of Object.entries(schema.properties ?? {})) {
      const required = schema.required?.includes(name) === true;
      if (required) {
        const { [name]: _, ...rest } = base;
        yield { what: `${field}: without ${name}`, field: name, value: rest };
      }
      for (const mutation of this.mutations(each, name, required)) {
        yield { ...mutation, value: { ...base, [name]: mutation.value } };
      }
    }
  }

  *#arrayMutations({ items, maxItems }: Schema, field: string): Generator<Mutation> {
    if (items === undefined || maxItems === 0) return;
    const item = this.sample(items, field);
    if (maxItems !== undefined) {
      yield { what: `${field}: ${maxItems + 1} items`, field, value: Array.from({ length: maxItems + 1 }, () => item) };
    }
    for (const mutation of this.mutations(items, field)) yield { ...mutation, value: [mutation.value] };
  }

  /** Whether a value fits as far as this can be seen from types and names. */
  #fits(given: Schema, value: unknown): boolean {
    const schema = this.#resolve(given);
    if (schema.const !== undefined) return schema.const === value;
    if (schema.enum !== undefined) return schema.enum.includes(value);
    const alternatives = schema.oneOf ?? schema.anyOf;
    if (alternatives !== undefined) return alternatives.some((each) => this.#fits(each, value));
    const types = typesOf(schema);
    if (value === null) return types.includes("null");
    if (Array.isArray(value)) return types.includes("array");
    if (typeof value !== "object") return false;
    if (!types.includes("object")) return false;
    const entries = Object.entries(value);
    return (
      (schema.required ?? []).every((name) => name in value) &&
      entries.every(([name, each]) => {
        const property = schema.properties?.[name];
        return (
          property !== undefined &&
          (JSON.stringify(this.sample(property, name)) === JSON.stringify(each) || this.#fits(property, each))
        );
      })
    );
  }
}

function typesOf(schema: Schema): readonly string[] {
  if (schema.const !== undefined) return [schema.const === null ? "null" : typeof schema.const];
  if (schema.enum !== undefined) return ["string"];
  if (schema.type === undefined) return [];
  return typeof schema.type === "string" ? [schema.type] : schema.type;
}

function sampleText({ format }: Schema, field: string): string {
  switch (format) {
    case "uuid":
      return "00000000-0000-4000-8000-000000000000";
    case "ipv4":
    case "ip":
      return "192.0.2.1";
    case "ipv6":
      return "fd00::1";
    case undefined:
    default:
      return field === "code" || field === "ports" ? "1" : "some-name";
  }
}
