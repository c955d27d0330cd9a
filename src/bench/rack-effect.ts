import { createInterface } from "node:readline";
import { z } from "zod";
import type { Running } from "../guest/index.ts";
import { findInstance, instanceCommand, type InstanceView, NexusClient } from "../rack/index.ts";
import type { Testbed } from "../testbed/index.ts";

/** Between two echo requests, seconds: an effect is seen so much later at most. */
const interval = "0.02";
/** For what never takes so long, however busy the machine is. */
const deadlineMs = 120_000;

const rules = z.object({ rules: z.array(z.record(z.string(), z.unknown())) });
const vpc = { project: "shop", vpc: "default" } as const;

/** What was measured, milliseconds, one of each change. */
export interface EffectTimes {
  /** From the answer to a change that allows something until the first packet was answered that was denied before. */
  readonly allowMs: readonly number[];
  /** How long nexus took to answer to it. */
  readonly answerMs: readonly number[];
}

/**
 * In the racks of `topologies/vpcs.yaml`: take a rule away that denies echo requests to an instance, while another one sends them all
 * the time. All times are of this host's clock; what it takes to hear of a packet from the guest counts.
 */
export async function effectTimes(testbed: Testbed, times: number): Promise<EffectTimes> {
  const nexus = await NexusClient.of(testbed);
  const [web, db] = [await placed(nexus, "shop/web"), await placed(nexus, "shop/db")];
  const guest = await testbed.node(web.sled).guest();
  const { rules: kept } = await nexus.get("/v1/vpc-firewall-rules", vpc, rules);
  const deny = {
    ...{ name: "deny", description: "", status: "enabled", direction: "inbound", priority: 1, action: "deny" },
    ...{ targets: [{ type: "instance", value: "db" }], filters: { protocols: [{ type: "icmp" }] } },
  };
  const have = async (more: readonly object[]): Promise<void> => {
    await nexus.send("PUT", "/v1/vpc-firewall-rules", vpc, { rules: [...kept.map(ruleUpdate), ...more] });
  };
  const [allowMs, answerMs]: [number[], number[]] = [[], []];
  // Without -O a request that is not answered says nothing.
  const ping = guest.spawn(instanceCommand(web.id, ["ping", "-n", "-O", "-i", interval, db.addresses[0] ?? ""]));
  ping.stderr.resume();
  const lines = new PingLines(ping);
  try {
    await lines.nextAnswer();
    for (let at = 0; at < times; at++) {
      await have([deny]);
      await lines.untilSilent();
      const askedAt = performance.now();
      await have([]);
      const answeredAt = performance.now();
      allowMs.push((await lines.nextAnswer()) - answeredAt);
      answerMs.push(answeredAt - askedAt);
    }
  } finally {
    ping.kill("SIGINT");
    await ping.result;
  }
  return { allowMs, answerMs };
}

/** What of a rule is said again when all are. */
function ruleUpdate(rule: Readonly<Record<string, unknown>>): object {
  const { name, description, status, direction, priority, action, targets, filters } = rule;
  return { name, description, status, direction, priority, action, targets, filters };
}

async function placed(nexus: NexusClient, name: string): Promise<InstanceView & { readonly sled: string }> {
  const found = await findInstance(nexus, name);
  if (found.sled === null) throw new Error(`${name} is at no sled`);
  return { ...found, sled: found.sled };
}

/** What ping says, line by line: whether a request was answered. */
class PingLines {
  #lastAnswer = 0;
  #misses = 0;
  #wake: (() => void) | undefined;

  constructor({ stdout }: Running) {
    createInterface({ input: stdout }).on("line", (line) => {
      if (line.includes("bytes from")) {
        this.#lastAnswer = performance.now();
        this.#misses = 0;
      } else if (line.startsWith("no answer yet")) this.#misses += 1;
      this.#wake?.();
    });
  }

  /** The time of the next answer. */
  async nextAnswer(): Promise<number> {
    const since = performance.now();
    await this.#until(() => this.#lastAnswer > since);
    return this.#lastAnswer;
  }

  /** Resolves when ten requests in a row were not answered. */
  async untilSilent(): Promise<void> {
    this.#misses = 0;
    await this.#until(() => this.#misses >= 10);
  }

  async #until(isSo: () => boolean): Promise<void> {
    const expired = AbortSignal.timeout(deadlineMs);
    while (!isSo()) {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const fail = (): void => {
        reject(new Error("ping says nothing more"));
      };
      expired.addEventListener("abort", fail, { once: true });
      this.#wake = () => {
        resolve(undefined);
      };
      try {
        await promise;
      } finally {
        expired.removeEventListener("abort", fail);
      }
    }
  }
}
