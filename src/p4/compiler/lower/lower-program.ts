import type { Semantics } from "../check/semantics.ts";
import { substitute, type Type, unknownType } from "../check/types.ts";
import type { SourceFile } from "../diagnostics/source-file.ts";
import type { Program } from "../syntax/ast.ts";
import { constructedValue, createDeclared, runBlock } from "./block.ts";
import { nothing } from "./data.ts";
import { type BlockInstance, Environment } from "./environment.ts";
import { isData } from "./expression.ts";
import { type Frame, Lowering, type Surroundings } from "./lowering.ts";
import type { Operation } from "./operation.ts";

/** A program of v1model as operations, block by block. */
export interface LoweredProgram {
  readonly lowering: Lowering;
  readonly parser: readonly Operation[];
  readonly verify: readonly Operation[];
  readonly ingress: readonly Operation[];
  readonly egress: readonly Operation[];
  readonly compute: readonly Operation[];
  readonly deparser: readonly Operation[];
}

interface Section {
  readonly surroundings: Surroundings;
  readonly pipeline?: "ingress" | "egress";
}

/** What the package wants, in the order of its parameters. */
const sections: readonly Section[] = [
  { surroundings: "parser" },
  { surroundings: "verify" },
  { surroundings: "control", pipeline: "ingress" },
  { surroundings: "control", pipeline: "egress" },
  { surroundings: "compute" },
  { surroundings: "deparser" },
];

/** Lower a program that has been checked without errors. What BMv2 cannot do is reported. */
export function lowerProgram(program: Program, semantics: Semantics, source: SourceFile): LoweredProgram | undefined {
  const { main } = semantics;
  const call = main === undefined ? undefined : semantics.instances.get(main);
  if (main === undefined || call?.target.kind !== "constructor" || call.target.declaration.kind !== "package") {
    const { length } = source.text;
    semantics.diagnostics.error(
      { file: source, start: Math.max(0, length - 1), end: length },
      "the program has no main",
      "end it with V1Switch(…) main;",
    );
    return undefined;
  }
  if (call.target.declaration.name.text !== "V1Switch") {
    semantics.diagnostics.error(
      main.span,
      `${call.target.declaration.name.text} is not the package of v1model`,
      "include v1model.p4 and make main a V1Switch",
    );
    return undefined;
  }
  const lowering = new Lowering(semantics);
  const environment = new Environment();
  const frame: Frame = {
    lowering,
    environment,
    surroundings: "control",
    pipeline: undefined,
    returns: { label: { name: "main" }, result: undefined },
    copyBacks: [],
    calls: [],
  };
  for (const declaration of program.declarations) {
    if (declaration.kind === "action") environment.bind(declaration, nothing);
    if (declaration.kind === "instance" && declaration !== main)
      environment.bind(declaration, createDeclared(frame, declaration));
  }
  const blocks = call.arguments.flatMap((argument) => {
    if (argument === undefined) return [];
    const { value } = argument;
    const name = value.kind === "call" && value.callee.kind === "path" ? value.callee.name : "main";
    const instance = constructedValue(frame, value, name);
    return isData(instance) || instance.kind !== "block" ? [] : [instance];
  });
  const [parser] = blocks;
  if (blocks.length !== sections.length || parser === undefined) {
    semantics.diagnostics.error(main.span, "main is not made of a parser and five controls");
    return undefined;
  }
  allocatePackageParameters(lowering, parser, semantics);
  const collected = sections.map(({ surroundings, pipeline }, index) => {
    const instance = blocks[index];
    return lowering.collect(() => {
      if (instance === undefined) return;
      bindPackageParameters(lowering, instance);
      runBlock({ ...frame, surroundings, pipeline }, instance);
    });
  });
  warnAboutLoose(lowering);
  const [parserOperations = [], verify = [], ingress = [], egress = [], compute = [], deparser = []] = collected;
  return { lowering, parser: parserOperations, verify, ingress, egress, compute, deparser };
}

/** A direct counter or meter without a table counts nothing. */
function warnAboutLoose({ resources, semantics }: Lowering): void {
  for (const { isDirect, table, name, span } of [...resources.counters, ...resources.meters]) {
    if (isDirect && table === undefined) {
      semantics.diagnostics.warn(span, `${name} belongs to no table`, "name it as the counters or meters of a table");
    }
  }
}

/** Room for headers and metadata: their types are those of the parser's parameters. */
function allocatePackageParameters(
  lowering: Lowering,
  { declaration, environment }: BlockInstance,
  semantics: Semantics,
): void {
  const typeAt = (index: number): Type => {
    const parameter = declaration.parameters[index];
    return parameter === undefined
      ? unknownType
      : substitute(semantics.typeOfDeclaration(parameter), environment.types);
  };
  const standard = typeAt(3);
  if (standard.kind === "struct")
    lowering.standardMetadata = lowering.storage.allocateMetadata("standard_metadata", standard);
  lowering.headers = lowering.storage.allocate("", typeAt(1));
  const type = typeAt(2);
  lowering.userMetadata = { type, data: lowering.storage.allocate("meta", type) };
}

/** Parameters of the six blocks are told apart by their types, whatever they are called. */
function bindPackageParameters(lowering: Lowering, { declaration, environment }: BlockInstance): void {
  const headers = lowering.headers ?? nothing;
  const user = lowering.userMetadata?.data ?? nothing;
  const standard = lowering.standardMetadata ?? nothing;
  const isPacket = declaration.parameters[0] !== undefined && startsWithPacket(lowering, declaration.parameters[0]);
  declaration.parameters.forEach((parameter, index) => {
    if (isPacket && index === 0) environment.bind(parameter, { kind: "packet" });
    else environment.bind(parameter, [headers, user, standard][isPacket ? index - 1 : index] ?? nothing);
  });
}

function startsWithPacket(lowering: Lowering, parameter: Parameters<Semantics["typeOfDeclaration"]>[0]): boolean {
  const type = lowering.semantics.typeOfDeclaration(parameter);
  return type.kind === "extern" && type.declaration.name.text.startsWith("packet_");
}
