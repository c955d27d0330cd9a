import { describeError, KestrelError } from "../../error/kestrel-error.ts";
import { launchTestbed, type LaunchOptions, type Testbed, type TestbedEvent } from "../../testbed/index.ts";
import type { Plan } from "../../topology/index.ts";
import { takeDown } from "../take-down.ts";
import { type Baseline, isAtBaseline, lastingChanges, takeFirstBaseline } from "./baseline.ts";
import { heal } from "./heal.ts";

/** A testbed that somebody needs. */
export interface TestbedRequest extends Pick<LaunchOptions, "cold" | "accelerator" | "topologyDirectory"> {
  readonly plan: Plan;
  /** A new one that nobody else gets. */
  readonly fresh: boolean;
}

/** The use of a testbed, until it is given back or kept. */
export interface Lease {
  readonly testbed: Testbed;
  /**
   * Give it back: a fresh one is taken down; a shared one is healed and compared with what it was right after its launch,
   * and replaced when it cannot be healed.
   *
   * @returns what had been changed and not put back, in words
   */
  giveBack(): Promise<readonly string[]>;
  /** Leave it running, as it is, for somebody to look at; nobody gets it any more. */
  keep(): Promise<void>;
}

/** What is told about the testbeds of a pool. */
export interface PoolListener {
  onEvent(testbed: string, event: TestbedEvent): void;
  onLaunched?(testbed: Testbed): Promise<void>;
  onLaunchFailed?(testbed: string): void;
}

interface Shared {
  readonly plan: Plan;
  readonly launched: Promise<{ readonly testbed: Testbed; readonly baseline: Baseline }>;
  /** Resolves when the last one in the queue has given it back. */
  free: Promise<void>;
  /** Those who have it or wait for it. */
  users: number;
}

/** Testbeds by what they are made from: one for each topology, leased to one flow at a time. */
export class TestbedPool {
  readonly #listener: PoolListener;
  readonly #suffix: string;
  readonly #shared = new Map<string, Shared>();
  readonly #owned = new Set<Testbed>();
  #launches = 0;

  /** @param suffix - what makes the names of its testbeds unlike those of other pools */
  constructor(suffix: string, listener: PoolListener) {
    this.#suffix = suffix;
    this.#listener = listener;
  }

  /** Lease a testbed; a shared one after all who asked before have given it back. */
  async lease(request: TestbedRequest): Promise<Lease> {
    if (request.fresh) {
      const testbed = await this.#launch(request);
      return this.#lease(testbed, async () => {
        await this.#takeDown(testbed);
        return [];
      });
    }
    for (;;) {
      const lease = await this.#leaseShared(request);
      if (lease !== undefined) return lease;
    }
  }

  /** Take down all testbeds that have not been kept. Never stops at the first error. */
  async close(): Promise<void> {
    this.#shared.clear();
    await Promise.allSettled([...this.#owned].map((testbed) => this.#takeDown(testbed)));
  }

  /** Undefined when the one that was waited for has been retired meanwhile. */
  async #leaseShared(request: TestbedRequest): Promise<Lease | undefined> {
    const key = sharingKey(request);
    const shared = this.#shared.get(key) ?? this.#share(key, request);
    const turn = shared.free;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    shared.free = promise;
    shared.users += 1;
    const leave = (): void => {
      shared.users -= 1;
      resolve(undefined);
    };
    await turn;
    if (this.#shared.get(key) !== shared) {
      leave();
      return undefined;
    }
    const retire = async (testbed: Testbed): Promise<void> => {
      this.#shared.delete(key);
      await this.#takeDown(testbed).catch(() => undefined);
    };
    try {
      const { testbed, baseline } = await shared.launched;
      const release = async (): Promise<readonly string[]> => {
        try {
          // Mostly nothing was left: then one look at both is enough.
          const [healed, isAsBefore] = await Promise.all([heal(testbed), isAtBaseline(testbed, baseline)]);
          const changes = isAsBefore ? [] : await lastingChanges(testbed, baseline);
          if (changes.length > 0) await retire(testbed);
          return [...healed, ...changes];
        } catch (error) {
          await retire(testbed);
          return [`testbed ${testbed.name} could not be healed: ${describeError(error).split("\n")[0] ?? ""}`];
        } finally {
          leave();
        }
      };
      return this.#lease(testbed, release, () => {
        this.#shared.delete(key);
        leave();
      });
    } catch (error) {
      this.#shared.delete(key);
      leave();
      throw error;
    }
  }

  #lease(testbed: Testbed, release: () => Promise<readonly string[]>, onKept: () => void = () => undefined): Lease {
    let ended: Promise<readonly string[]> | undefined;
    return {
      testbed,
      giveBack: () => (ended ??= release()),
      keep: async () => {
        ended ??= Promise.resolve([]);
        this.#owned.delete(testbed);
        onKept();
        await testbed.keep();
      },
    };
  }

  #share(key: string, request: TestbedRequest): Shared {
    const launched = this.#launch(request).then(async (testbed) => ({
      testbed,
      baseline: await takeFirstBaseline(testbed),
    }));
    launched.catch(() => undefined);
    const shared: Shared = { plan: request.plan, launched, free: Promise.resolve(), users: 0 };
    this.#shared.set(key, shared);
    return shared;
  }

  /** Launch; when the host has no room, shared testbeds that nobody uses make some. */
  async #launch(request: TestbedRequest): Promise<Testbed> {
    // Daemons of an idle rack talk to each other all the time: that would slow down what comes now.
    await this.#retireIdle(({ nodes }) => nodes.some(({ services }) => services.length > 0));
    try {
      return await this.#launchNow(request);
    } catch (error) {
      const isFull = error instanceof KestrelError && error.kind === "host";
      if (!isFull || (await this.#retireIdle()) === 0) throw error;
      return this.#launchNow(request);
    }
  }

  /** Take down shared testbeds that nobody has or waits for, and whose plan is such; how many. */
  async #retireIdle(isMeant: (plan: Plan) => boolean = () => true): Promise<number> {
    const idle = [...this.#shared].filter(([, { plan, users }]) => users === 0 && isMeant(plan));
    for (const [key] of idle) this.#shared.delete(key);
    await Promise.allSettled(idle.map(async ([, { launched }]) => this.#takeDown((await launched).testbed)));
    return idle.length;
  }

  async #launchNow({ plan, fresh: _fresh, ...options }: TestbedRequest): Promise<Testbed> {
    this.#launches += 1;
    const suffix = `${this.#suffix}-${this.#launches.toString(36)}`;
    const name = `${plan.name.slice(0, 31 - suffix.length)}-${suffix}`.replace(/--+/, "-");
    try {
      const testbed = await launchTestbed(plan, {
        ...options,
        name,
        attached: true,
        onEvent: (event) => {
          this.#listener.onEvent(name, event);
        },
      });
      this.#owned.add(testbed);
      await this.#listener.onLaunched?.(testbed);
      return testbed;
    } catch (error) {
      this.#listener.onLaunchFailed?.(name);
      throw error;
    }
  }

  async #takeDown(testbed: Testbed): Promise<void> {
    this.#owned.delete(testbed);
    await takeDown(testbed);
  }
}

function sharingKey({ plan, cold, accelerator, topologyDirectory }: TestbedRequest): string {
  return JSON.stringify([plan, cold ?? false, accelerator ?? "auto", topologyDirectory ?? ""]);
}
