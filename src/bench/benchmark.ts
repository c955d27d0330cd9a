import { type Plan, planTopology, readTopology } from "../topology/index.ts";
import { launchTestbed, type LaunchOptions, type Testbed, type TestbedEvent } from "../testbed/index.ts";

/** Options that all benchmarks share. */
export interface BenchmarkOptions {
  /** How many nodes, where a benchmark has nodes. */
  readonly nodes?: number;
}

/** One benchmark: measures both sides of a comparison in one run. */
export interface Benchmark {
  readonly description: string;
  run(options: BenchmarkOptions): Promise<object>;
}

let launches = 0;

/** A plan of `count` hosts in a row, each wired to the next. */
export function rowOfHosts(count: number): Plan {
  const names = Array.from({ length: count }, (_, index) => `n${index}`);
  return planTopology({
    name: "bench",
    nodes: Object.fromEntries(names.map((name) => [name, { ports: { left: [], right: [] } }])),
    wires: names.slice(1).map((name, index) => [`n${index}:right`, `${name}:left`] as [string, string]),
  });
}

/** One of the topologies that come with Kestrel. */
export function ownTopology(name: string, parameters: Readonly<Record<string, number>> = {}): Promise<Plan> {
  return readTopology(new URL(`../../topologies/${name}.yaml`, import.meta.url).pathname, { parameters });
}

/** Do something with a testbed of its own, which is gone afterwards. */
export async function withTestbed<T>(
  plan: Plan,
  options: Pick<LaunchOptions, "cold"> & { readonly onEvent?: (event: TestbedEvent, testbed: string) => void },
  use: (testbed: Testbed, launchMs: number) => Promise<T>,
): Promise<T> {
  launches += 1;
  const name = `bench-${process.pid}-${launches}`;
  const startedAt = performance.now();
  const testbed = await launchTestbed(plan, {
    ...{ name, attached: true, cold: options.cold ?? false },
    onEvent: (event) => options.onEvent?.(event, name),
  });
  try {
    return await use(testbed, performance.now() - startedAt);
  } finally {
    await testbed.down();
  }
}
