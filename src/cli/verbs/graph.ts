import { writeFile } from "node:fs/promises";
import { KestrelError } from "../../error/kestrel-error.ts";
import { graphMermaid, graphSvg } from "../../topology/index.ts";
import type { JsonOption, Session } from "../session.ts";
import { readTopologyFile, type TopologyOptions } from "../topology-file.ts";

/** Options of `kestrel graph`. */
export interface GraphOptions extends JsonOption, TopologyOptions {
  readonly svg?: boolean;
  readonly mermaid?: boolean;
  readonly output?: string;
}

/** Draw a topology. */
export async function graph({ terminal }: Session, file: string, options: GraphOptions): Promise<void> {
  const { svg, output, json } = options;
  const { plan } = await readTopologyFile(file, options);
  const text = svg === true ? await graphSvg(plan) : graphMermaid(plan);
  if (output !== undefined) await writeDrawing(output, text);
  else if (json === true) terminal.printJson({ format: svg === true ? "svg" : "mermaid", text });
  else terminal.print(text.trimEnd());
}

async function writeDrawing(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new KestrelError(
      { kind: "input", step: "write the drawing", subject: path, expected: "a file that can be written", found },
      { cause },
    );
  }
}
