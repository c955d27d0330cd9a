import { describe, expect, it } from "vitest";
import { KestrelError } from "../../src/error/kestrel-error.ts";
import type { Guest } from "../../src/guest/index.ts";
import { settle } from "../../src/testbed/settle.ts";
import { planTopology, type ReadyCondition, type ServicePlan } from "../../src/topology/index.ts";

const [host] = planTopology({ name: "t", nodes: { h1: {} }, wires: [] }).nodes;
const fact = (path: string): ReadyCondition => ({ type: "file", path, timeoutMs: 20 });
const service = (name: string, after: readonly ReadyCondition[] = []): ServicePlan => ({
  ...{ name, command: [name], parked: false, after },
});

/** What settling does to a node where the files `there` are and no other comes, in order. */
async function steps(
  services: readonly ServicePlan[],
  ready: readonly ReadyCondition[],
  there: readonly string[],
  { signal = new AbortController().signal, onLook = (): void => undefined } = {},
): Promise<{ readonly steps: readonly string[]; readonly error: unknown }> {
  if (host === undefined) throw new Error("the topology has a node");
  const steps: string[] = [];
  const guest = {
    services: {
      start: ({ name }: { readonly name: string }) => {
        steps.push(`start ${name}`);
        return Promise.resolve();
      },
    },
    ready: (condition: ReadyCondition) => {
      const path = condition.type === "file" ? condition.path : condition.type;
      steps.push(`look for ${path}`);
      onLook();
      if (signal.aborted) return Promise.reject(new Error("called off"));
      if (there.includes(path)) return Promise.resolve();
      const problem = { kind: "host", step: "wait", subject: path, expected: "to be there", found: "not" } as const;
      return Promise.reject(new KestrelError(problem));
    },
  } as unknown as Guest;
  const node = { ...host, services, ready };
  const settling = settle({ node, guest, topologyDirectory: "/", emit: () => undefined, signal });
  const error: unknown = await settling.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { steps, error };
}

describe("a node that settles", () => {
  it("starts a service, and those behind it, when what it waits for has come", async () => {
    expect(
      await steps([service("a"), service("b", [fact("net")]), service("c")], [fact("end")], ["net", "end"]),
    ).toEqual({
      steps: ["start a", "look for net", "start b", "start c", "look for end"],
      error: undefined,
    });
  });

  it("starts it all the same when that does not come, but is not ready without what makes it so", async () => {
    const { steps: done, error } = await steps([service("b", [fact("net")])], [fact("end")], []);
    expect(done).toEqual(["look for net", "start b", "look for end"]);
    expect(error).toMatchObject({ message: expect.stringContaining("end") as string });
  });

  it("starts nothing more once it is called off", async () => {
    const controller = new AbortController();
    const options = {
      signal: controller.signal,
      onLook: () => {
        controller.abort();
      },
    };
    const { steps: done, error } = await steps([service("b", [fact("net")])], [], ["net"], options);
    expect(done).toEqual(["look for net"]);
    expect(error).toBeInstanceOf(Error);
  });
});
