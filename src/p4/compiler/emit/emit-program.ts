import type { EnumType } from "../check/types.ts";
import type { LoweredProgram } from "../lower/lower-program.ts";
import { boolShape } from "../lower/value.ts";
import { UniqueNames } from "../lower/unique-names.ts";
import type { Program } from "../syntax/ast.ts";
import { ActionList } from "./action.ts";
import { headersJson } from "./headers.ts";
import type { Json } from "./json.ts";
import { parserJson } from "./parser.ts";
import { pipelineJson, type PipelineNumbers } from "./pipeline.ts";
import { arraysJson, calculationsJson, checksumsJson, deparserJson, listsJson, profilesJson } from "./sections.ts";

/** The version of BMv2's JSON that is written: what is used has been there since. */
const formatVersion = [2, 23];

/** A lowered program as the JSON that simple_switch loads. */
export function emitProgram(program: Program, lowered: LoweredProgram, file: string): Record<string, Json> {
  const { lowering } = lowered;
  const { semantics, storage } = lowering;
  const name = programName(file);
  const actions = new ActionList();
  const numbers: PipelineNumbers = { tables: 0, conditionals: 0, names: new UniqueNames() };
  const profileId = { next: 0 };
  const parser = parserJson(
    lowered.parser,
    () => lowering.temporary(boolShape, "condition"),
    BigInt(Math.max(0, semantics.errors.indexOf("NoMatch"))),
  );
  const pipelines = (["ingress", "egress"] as const).map((pipeline, id) =>
    pipelineJson(
      pipeline,
      id,
      lowered[pipeline],
      name,
      actions,
      (tables) => profilesJson(lowering, tables, profileId),
      numbers,
    ),
  );
  const verify = checksumsJson(lowering, lowered.verify, 0);
  const checksums = [...verify, ...checksumsJson(lowering, lowered.compute, verify.length)];
  const deparsers = deparserJson(lowering, lowered.deparser);
  return {
    program: file,
    __meta__: { version: formatVersion, compiler: "kestrel p4" },
    ...headersJson(storage),
    errors: semantics.errors.map((error, value) => [error, value]),
    enums: enumsJson(program, lowered),
    parsers: [parser],
    ...arraysJson(lowering),
    deparsers,
    calculations: calculationsJson(lowering),
    ...listsJson(lowering),
    actions: actions.actions as unknown as Json,
    pipelines,
    checksums,
    force_arith: [],
    extern_instances: [],
    field_aliases: storage.aliases.map(({ alias, header, field }) => [alias, [header, field]]),
  };
}

/** The name of a file without folder and ending, as far as it makes a name. */
function programName(file: string): string {
  const base = file.replace(/^.*\//, "").replace(/\.[^.]*$/, "");
  return base.replace(/\W/g, "_");
}

/** Enumerations without a type of their own, which become numbers. */
function enumsJson({ declarations }: Program, { lowering }: LoweredProgram): Json {
  return declarations
    .filter((declaration) => declaration.kind === "enum")
    .map((declaration) => lowering.semantics.typeOfDeclaration(declaration))
    .filter((type): type is EnumType => type.kind === "enum" && type.underlying === undefined)
    .map(({ declaration, values }) => ({
      name: declaration.name.text,
      entries: [...values].map(([member, value]) => [member, Number(value)]),
    }));
}
