/**
 * What is measured, as text for who gathers it (OpenMetrics 1.0.0: https://prometheus.io/docs/specs/om/open_metrics_spec/,
 * "Data Model" and "Text format").
 */

/** The media type of {@link openMetricsText}. */
export const openMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** What a value is of, by name: `[a-zA-Z_][a-zA-Z0-9_]*`. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Values that have a name, a meaning and a unit in common. */
export interface MetricFamily {
  /** Without `_total`; ends with the unit, if it has one. */
  readonly name: string;
  /** A counter only grows, a gauge is how something is now. */
  readonly type: "counter" | "gauge";
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/** A value and what it is of; no two of a family have the same labels. */
export interface MetricSample {
  readonly labels: MetricLabels;
  readonly value: number;
}

/** The text of an exposition: each family with its type, unit and meaning before its samples, and a mark of the end. */
export function openMetricsText(families: readonly MetricFamily[]): string {
  return [...families.flatMap(linesOf), "# EOF", ""].join("\n");
}

function linesOf({ name, type, unit, help, samples }: MetricFamily): readonly string[] {
  const sampled = type === "counter" ? `${name}_total` : name;
  return [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
    ...samples.map(({ labels, value }) => `${sampled}${labelText(labels)} ${value}`),
  ];
}

function labelText(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
