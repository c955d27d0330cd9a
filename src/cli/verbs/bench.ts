import { nameHint } from "../../error/nearest-name.ts";
import { KestrelError } from "../../error/kestrel-error.ts";
import { benchmarks } from "../../bench/index.ts";
import { wholeNumber } from "../option-values.ts";
import type { JsonOption, Session } from "../session.ts";
import { table } from "../table.ts";

/** Options of `kestrel bench`. */
export interface BenchOptions extends JsonOption {
  readonly nodes?: string;
}

/** Run a benchmark and print its figures, or list the benchmarks. */
export async function bench({ terminal }: Session, name: string | undefined, options: BenchOptions): Promise<void> {
  if (name === undefined) {
    const rows = Object.entries(benchmarks).map(([key, { description }]) => ({ name: key, description }));
    const cells = rows.map((row) => [row.name, row.description]);
    if (options.json === true) terminal.printJson({ benchmarks: rows });
    else terminal.print(table(cells, ["BENCHMARK", "MEASURES"], terminal.colors));
    return;
  }
  const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
  if (benchmark === undefined) {
    throw new KestrelError({
      kind: "input",
      step: "find the benchmark",
      subject: name,
      expected: `one of ${Object.keys(benchmarks).join(", ")}`,
      found: "no such benchmark",
      hint: nameHint(name, Object.keys(benchmarks)),
    });
  }
  const nodes = options.nodes === undefined ? undefined : wholeNumber(options.nodes, "--nodes", 1);
  const figures = await benchmark.run(nodes === undefined ? {} : { nodes });
  const cells = Object.entries(figures).map(([key, value]) => [key, String(value)]);
  if (options.json === true) terminal.printJson(figures);
  else terminal.print(table(cells, ["FIGURE", "VALUE"], terminal.colors));
}
