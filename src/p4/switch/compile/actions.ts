import type { Action, Primitive } from "../format/program.ts";
import { parameterOffsets } from "../state/bound-action.ts";
import { wordCount } from "../state/key.ts";
import { Code } from "./code.ts";
import type { Layout } from "./layout.ts";
import { PrimitiveWriter } from "./primitives.ts";
import type { ParameterWords } from "./values.ts";

/** A function `a<index>(d, o)`; `d` holds the words of the parameters from `o` on. */
export function actionFunction(action: Action, layout: Layout, dropPort: number): string {
  const code = new Code();
  const writer = new PrimitiveWriter(layout, code, dropPort, wordsOfParameters(action));
  const { primitives } = action;
  code.line(`function a${action.index}(d, o) {`);
  if (primitives.some(({ op }) => op === "jump" || op === "jumpIfZero")) jumpingBody(primitives, code, writer);
  else for (const primitive of primitives) writer.write(primitive);
  code.line("}");
  return code.toString();
}

/** Primitives as the cases of a switch that begin where something jumps to. */
function jumpingBody(primitives: readonly Primitive[], code: Code, writer: PrimitiveWriter): void {
  const targets = new Set([0]);
  let anywhere = false;
  for (const primitive of primitives) {
    if (primitive.op !== "jump" && primitive.op !== "jumpIfZero") continue;
    if (primitive.to.op === "constant") targets.add(Number(primitive.to.value));
    else anywhere = true;
  }
  code.line("let pc = 0, jumps = 0;");
  code.line("for (;;) { switch (pc) {");
  for (const [at, primitive] of primitives.entries()) {
    if (anywhere || targets.has(at)) code.line(`case ${at}:`);
    if (primitive.op === "jump") {
      code.line(`pc = ${writer.values.index(primitive.to)}; break;`);
    } else if (primitive.op === "jumpIfZero") {
      const truth = writer.values.truth({ op: "fromData", data: primitive.value });
      code.line(`if (!${truth}) { pc = ${writer.values.index(primitive.to)}; break; }`);
    } else {
      writer.write(primitive);
    }
  }
  code.line(`case ${primitives.length}: return;`);
  code.line('default: throw rt.faults["jump out of the action"];');
  code.line("}");
  code.line('if (++jumps > rt.stepLimit) throw rt.faults["endless loop"];');
  code.line("}");
}

/** How an action finds the words of its parameters. */
function wordsOfParameters(action: Action): ParameterWords {
  const offsets = parameterOffsets(action);
  return (index) =>
    Array.from({ length: wordCount(action.parameters[index]?.width ?? 0) }, (_, word) => {
      const at = (offsets[index] ?? 0) + word;
      return at === 0 ? "d[o]" : `d[o + ${at}]`;
    });
}
