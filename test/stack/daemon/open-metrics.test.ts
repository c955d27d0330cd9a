import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { type MetricFamily, openMetricsText } from "../../../src/stack/daemon/open-metrics.ts";
import { readOpenMetrics } from "./open-metrics-text.ts";

const families: readonly MetricFamily[] = [
  {
    ...{ name: "link_bytes", type: "counter", unit: "bytes", help: 'What a "link" carried.\nIn all.' },
    samples: [
      { labels: { link: "net0", direction: "in" }, value: 12 },
      { labels: { link: 'a"b\\c\nd', direction: "in" }, value: 2 ** 53 },
    ],
  },
  { name: "flows", type: "gauge", help: "Flows.", samples: [{ labels: {}, value: 0.5 }] },
  { name: "nothing", type: "counter", help: "Has no samples.", samples: [] },
];

test("families as OpenMetrics has them, with everything escaped that has to be", () => {
  const text = openMetricsText(families);
  expect(text).toBe(
    [
      "# TYPE link_bytes counter",
      "# UNIT link_bytes bytes",
      '# HELP link_bytes What a \\"link\\" carried.\\nIn all.',
      'link_bytes_total{link="net0",direction="in"} 12',
      'link_bytes_total{link="a\\"b\\\\c\\nd",direction="in"} 9007199254740992',
      "# TYPE flows gauge",
      "# HELP flows Flows.",
      "flows 0.5",
      "# TYPE nothing counter",
      "# HELP nothing Has no samples.",
      "# EOF",
      "",
    ].join("\n"),
  );
  const expected = families.flatMap(({ name, samples }) => samples.map((sample) => ({ family: name, ...sample })));
  expect(readOpenMetrics(text)).toEqual(expected);
});

const parser = "from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse";
const hasParser = spawnSync("python3", ["-c", parser]).status === 0;

test.skipIf(!hasParser)("a reader that is not ours takes it (prometheus_client of Python)", () => {
  const program = `${parser}\nimport sys\nfor f in parse(sys.stdin.read()): print(f.name, f.type, f.unit, len(f.samples))`;
  const { stdout, stderr } = spawnSync("python3", ["-c", program], { input: openMetricsText(families) });
  expect(stderr.toString()).toBe("");
  expect(stdout.toString()).toBe("link_bytes counter bytes 2\nflows gauge  1\nnothing counter  0\n");
});

test.each([
  ["no end", "# TYPE a gauge\na 1\n"],
  ["lines of a family apart", "# TYPE a gauge\na 1\n# TYPE b gauge\n# HELP a x\n# EOF\n"],
  ["a counter without _total", "# TYPE a counter\na 1\n# EOF\n"],
  ["the same labels twice", '# TYPE a gauge\na{x="1"} 1\na{x="1"} 2\n# EOF\n'],
  ["a unit that is not in the name", "# TYPE a gauge\n# UNIT a bytes\n# EOF\n"],
  ["something after the end", "# EOF\n# EOF\n"],
])("the reader of this test refuses %s", (_, text) => {
  expect(() => readOpenMetrics(text)).toThrow();
});
