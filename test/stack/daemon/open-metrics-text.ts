/** A reader of OpenMetrics 1.0.0 text that takes nothing else: its ABNF, and what the specification says about order and names. */

/** One value. */
export interface ReadSample {
  /** Of the family, without `_total`. */
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What has been said of a family before its samples. */
interface Family {
  readonly name: string;
  type?: string;
  unit?: string;
  help?: string;
}

const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y;
const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** The values of an exposition of counters and gauges. Throws for anything that the specification forbids, with the line. */
export function readOpenMetrics(text: string): readonly ReadSample[] {
  if (!text.endsWith("# EOF\n")) throw new Error("an exposition ends with # EOF and a line feed");
  const samples: ReadSample[] = [];
  const closed = new Set<string>();
  const seen = new Set<string>();
  let family: Family | undefined;
  const lines = text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1);
  for (const line of lines) {
    const refuse = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, keyword, name = "", rest = ""] = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line) ?? [];
    if (keyword !== undefined) {
      if (family?.name !== name) {
        if (closed.has(name)) refuse("a family's lines are in one group");
        closed.add(name);
        family = { name };
      }
      const key = keyword.toLowerCase() as "type" | "unit" | "help";
      if (family[key] !== undefined) refuse("said twice");
      family[key] = rest;
      if (key === "unit" && !name.endsWith(`_${rest}`)) refuse("a name ends with its unit");
      if (seen.has(name)) refuse("metadata come before samples");
      continue;
    }
    const [, sampled = refuse("neither metadata nor a sample"), inside, value] = samplePattern.exec(line) ?? [];
    if (family?.type === undefined) return refuse("of no family with a type");
    const expected = family.type === "counter" ? `${family.name}_total` : family.name;
    if (sampled !== expected) refuse(`not of the family ${family.name}`);
    if (family.type === "counter" && Number(value) < 0) refuse("a counter is not negative");
    const labels = inside === undefined ? {} : readLabels(inside, refuse);
    const key = `${sampled}${JSON.stringify(Object.entries(labels).toSorted())}`;
    if (seen.has(key)) refuse("the same labels twice");
    seen.add(key).add(family.name);
    samples.push({ family: family.name, labels, value: Number(value) });
  }
  return samples;
}

function readLabels(inside: string, refuse: (why: string) => never): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  labelPattern.lastIndex = 0;
  for (;;) {
    const [, name = "", value = ""] = labelPattern.exec(inside) ?? refuse("not a label");
    if (name in labels) refuse("a label twice");
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
    if (labelPattern.lastIndex === inside.length) return labels;
    if (inside[labelPattern.lastIndex] !== ",") refuse("labels are separated by commas");
    labelPattern.lastIndex += 1;
  }
}
