import { topologyJsonSchema, type JsonSchema } from "./json-schema.ts";
import { nodeKinds, type NodeKind } from "./kinds.ts";
import { referenceIntroduction, referenceSections } from "./reference-text.ts";

/**
 * The text of docs/topology.md: what can be declared, generated from the schema, with examples.
 *
 * @param examples - the texts of the files in topologies/ that the page shows, by file name
 */
export function topologyReference(examples: ReadonlyMap<string, string>): string {
  const schema = topologyJsonSchema();
  const definitions: Readonly<Record<string, JsonSchema>> = { topology: schema, ...schema.$defs };
  const shown = new Set(referenceSections.map((section) => section.definition));
  const sections = referenceSections.map(({ definition, title, text, example }) => {
    const parts = [`## ${title}`, text];
    const described = definitions[definition];
    if (described !== undefined) parts.push(keyTable(described, shown, definitions));
    if (definition === "node") parts.push(kindTable());
    if (example !== undefined) parts.push(exampleBlock(example, examples));
    return parts.join("\n\n");
  });
  return `${[referenceIntroduction, exampleBlock("two-hosts.yaml", examples), ...sections].join("\n\n")}\n`;
}

function exampleBlock(file: string, examples: ReadonlyMap<string, string>): string {
  const text = examples.get(file);
  if (text === undefined) throw new Error(`the reference shows topologies/${file}, which was not given`);
  return `\`topologies/${file}\`:\n\n\`\`\`yaml\n${text.trimEnd()}\n\`\`\``;
}

function kindTable(): string {
  const rows = (Object.entries(nodeKinds) as [string, NodeKind][]).map(
    ([name, kind]) => `| \`${name}\` | ${kind.summary} | ${kind.memory} |`,
  );
  return ["| kind | meaning | memory |", "| --- | --- | --- |", ...rows].join("\n");
}

function keyTable(
  schema: JsonSchema,
  shown: ReadonlySet<string>,
  definitions: Readonly<Record<string, JsonSchema>>,
): string {
  const objects = [schema, ...(schema.anyOf ?? [])].filter(({ properties }) => properties !== undefined);
  const rows = new Map<string, string>();
  for (const { properties = {}, required = [] } of objects) {
    for (const [key, property] of Object.entries(properties)) {
      const target = definitions[property.$ref?.replace(/^.*\//, "") ?? ""];
      const meaning = property.description ?? target?.description ?? "";
      const need = required.includes(key) && objects.length === 1 ? " (required)" : "";
      rows.set(key, `| \`${key}\`${need} | ${cell(typePhrase(property, shown))} | ${cell(meaning)} |`);
    }
  }
  return ["| key | value | meaning |", "| --- | --- | --- |", ...rows.values()].join("\n");
}

function typePhrase(schema: JsonSchema, shown: ReadonlySet<string>): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace(/^.*\//, "");
    return shown.has(name) ? `[${name}](#${anchorOf(name)})` : name;
  }
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.anyOf !== undefined) {
    const members = schema.anyOf.filter(({ type }) => type !== "null").map((member) => typePhrase(member, shown));
    return [...new Set(members)].join(", or ");
  }
  if (schema.type === "array") {
    return schema.items === undefined ? "two ports" : `list of: ${typePhrase(schema.items, shown)}`;
  }
  if (schema.type === "object") {
    if (typeof schema.additionalProperties === "object")
      return `mapping of names to: ${typePhrase(schema.additionalProperties, shown)}`;
    return `{ ${Object.keys(schema.properties ?? {}).join(", ")} }`;
  }
  const words: Readonly<Record<string, string>> = { string: "text", boolean: "true or false", integer: "whole number" };
  return words[schema.type ?? ""] ?? schema.type ?? "";
}

function anchorOf(definition: string): string {
  const title = referenceSections.find((section) => section.definition === definition)?.title ?? definition;
  return title.toLowerCase().replaceAll(" ", "-");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
