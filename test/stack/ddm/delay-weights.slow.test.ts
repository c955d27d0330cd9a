import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Laboratory, namespacesWork } from "./namespaces.ts";

const limit = { timeout: 60_000, interval: 100 };
/** The DDM extension header. */
const ddmHeader = "221";

interface MeasuredPath {
  readonly interface: string;
  readonly delay_us: number | null;
  readonly silent: boolean;
  readonly weight: number;
}

/** s1 and s2 have two ways to each other, by t1 and t2, and measure them. */
describe.skipIf(!namespacesWork)("ddmd with delay-driven multipath", { timeout: 600_000 }, () => {
  let lab: Laboratory;

  const server = (own: string): object => ({
    kind: "server",
    interfaces: ["net0", "net1"],
    originate: [`fd00:${own}::/64`],
    sourceAddress: `fd00:${own}::1`,
    // Delays of a microsecond or a hundred are the same to it: only what does not come back matters here.
    multipath: { probeIntervalMs: 50, baseMicroseconds: 100_000 },
  });

  beforeAll(() => {
    lab = new Laboratory();
    for (const name of ["t1", "t2"]) lab.node(name, undefined);
    for (const own of ["1", "2"]) {
      const sled = `s${own}`;
      lab.node(sled, `fd00:${own}::1`);
      for (const [at, switchName] of ["t1", "t2"].entries()) lab.wire(sled, `net${at}`, switchName, `rear${own}`);
      lab.start(sled, server(own));
    }
    for (const name of ["t1", "t2"]) lab.start(name, { kind: "transit", interfaces: ["rear1", "rear2"] });
  });

  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  const paths = (): readonly MeasuredPath[] => {
    const measured = JSON.parse(lab.ddmadm("s1", "--json", "get-paths")) as readonly {
      readonly destination: string;
      readonly paths: readonly MeasuredPath[];
    }[];
    return measured.find(({ destination }) => destination === "fd00:2::/64")?.paths ?? [];
  };
  /** Weights in the kernel, by interface. */
  const kernelWeights = (): unknown => {
    const routes = JSON.parse(lab.ip("s1", "-6", "-json", "route", "show", "fd00:2::/64")) as readonly {
      readonly nexthops?: readonly { readonly dev: string; readonly weight: number }[];
    }[];
    return Object.fromEntries(routes[0]?.nexthops?.map(({ dev, weight }) => [dev, weight]) ?? []);
  };

  test("a way on which nothing comes back gets the least weight, in the kernel too, and its share again later", async () => {
    await expect.poll(() => paths().map(({ delay_us }) => typeof delay_us), limit).toEqual(["number", "number"]);
    expect(kernelWeights()).toEqual({ net0: 1, net1: 1 });
    lab.ip("t1", "-6", "rule", "add", "ipproto", ddmHeader, "blackhole");
    await expect.poll(kernelWeights, limit).toEqual({ net0: 1, net1: 255 });
    expect(paths()).toMatchObject([
      { interface: "net0", silent: true, weight: 1 },
      { interface: "net1", silent: false, weight: 255 },
    ]);
    expect(lab.ddmadm("s1", "get-paths")).toMatch(
      /^Destination +Interface +Next Hop +Delay +Share +Answered\nfd00:2::\/64 +net0 +fe80::\S+ +silent +0 % +\d+\/\d+\nfd00:2::\/64 +net1 +fe80::\S+ +\d+\.\d ms +100 % +\d+\/\d+\n/,
    );
    lab.ip("t1", "-6", "rule", "del", "ipproto", ddmHeader, "blackhole");
    await expect.poll(kernelWeights, limit).toEqual({ net0: 1, net1: 1 });
  });

  test("a daemon that does not measure says so", () => {
    expect(lab.ddmadm("t1", "--json", "get-paths").trim()).toBe("null");
  });
});
