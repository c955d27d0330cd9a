import { standard, standardFields } from "../dataplane.ts";
import type { Program } from "../format/program.ts";
import { bindAction } from "../state/bound-action.ts";
import { actionFunction } from "./actions.ts";
import { calculationFunction } from "./calculations.ts";
import { Code } from "./code.ts";
import { deparserFunction, verifyFunction } from "./deparser.ts";
import { HeaderWriter } from "./headers.ts";
import type { Layout } from "./layout.ts";
import { parserFunction } from "./parser.ts";
import type { Runtime } from "./runtime.ts";
import { pipelineFunction } from "./tables.ts";
import { Values } from "./values.ts";

/** What the generated code of a program offers. */
export interface CompiledProgram {
  /** Say that the packet is P[start, end). */
  setPacket(start: number, end: number): void;
  /** Extract headers; returns the code of the parser error. */
  parse(): number;
  verify(): boolean;
  ingress(): void;
  egress(): void;
  /** Put the headers in front of the payload; returns where they start. */
  deparse(): number;
  /** First byte of the payload, once parsed. */
  payloadStart(): number;
  /** Byte behind the payload. */
  payloadEnd(): number;
}

type ProgramMaker = (rt: Runtime) => CompiledProgram;

/** What was generated for programs, by drop port: V8 keeps the translation of functions that are made from one text. */
const makers = new WeakMap<Program, Map<number, ProgramMaker>>();

/** Make the functions of a program that work on a runtime; its code is generated once. */
export function compileProgram(program: Program, layout: Layout, dropPort: number, runtime: Runtime): CompiledProgram {
  const known = makers.get(program) ?? new Map<number, ProgramMaker>();
  makers.set(program, known);
  const make = known.get(dropPort) ?? evaluate(programCode(program, layout, dropPort));
  known.set(dropPort, make);
  return make(runtime);
}

/** JavaScript text that makes a {@link CompiledProgram} when it is run with a {@link Runtime} named `rt`. */
function programCode(program: Program, layout: Layout, dropPort: number): string {
  const lines = ['"use strict";', "const { F, V, B, P, D, S, SD, R, E, H, I } = rt;", "let pos = 0, end = 0;"];
  for (const table of program.tables) {
    const { index, defaultCall } = table;
    lines.push(`const T${index} = rt.state.tables[${index}];`);
    lines.push(`const K${index} = T${index}.key, X${index} = T${index}.index, L${index} = T${index}.slots;`);
    if (defaultCall !== undefined) {
      const { words } = bindAction(defaultCall.action, defaultCall.data);
      lines.push(`const C${index} = Uint32Array.of(${words.join(", ")});`);
    }
  }
  for (const { index } of program.registers) lines.push(`const R${index} = rt.state.registers[${index}].words;`);
  lines.push(dropFunction(program, layout, dropPort));
  for (const calculation of program.calculations) lines.push(calculationFunction(calculation, layout));
  for (const action of program.actions) lines.push(actionFunction(action, layout, dropPort));
  lines.push(`const A = [${program.actions.map(({ index }) => `a${index}`).join(", ")}];`);
  lines.push(
    parserFunction(program.parser, layout, dropPort),
    verifyFunction(layout, dropPort),
    pipelineFunction(program.ingress, layout),
    pipelineFunction(program.egress, layout),
    deparserFunction(layout, dropPort),
    "function setPacket(from, to) { pos = from; end = to; }",
    "function payloadStart() { return pos; }",
    "function payloadEnd() { return end; }",
    "return { setPacket, parse, verify, ingress, egress, deparse, payloadStart, payloadEnd };",
  );
  return lines.join("\n");
}

function evaluate(text: string): ProgramMaker {
  // The text is ours: nothing of the JSON reaches it but numbers, and names as string literals.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- generated code is the point
  return new Function("rt", text) as ProgramMaker;
}

function dropFunction(program: Program, layout: Layout, dropPort: number): string {
  const code = new Code();
  const fields = standardFields(program);
  const values = new Values(layout, code);
  const writer = new HeaderWriter(layout, code);
  code.block("function dropPacket()", () => {
    for (const [number, value] of [
      [standard.egressSpec, dropPort],
      [standard.multicastGroup, 0],
    ] as const) {
      const field = fields[number];
      if (field === undefined) continue;
      const place = values.references.place({ op: "field", field });
      writer.store(place, { op: "constant", value: BigInt(value) }, values);
    }
  });
  return code.toString();
}
