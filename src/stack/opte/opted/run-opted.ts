import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { KestrelError } from "../../../error/kestrel-error.ts";
import { serveApi } from "../../daemon/api.ts";
import { monotonicMs } from "../../daemon/clock.ts";
import type { DaemonLog } from "../../daemon/log.ts";
import { randomSource } from "../../daemon/random.ts";
import { restorePort, savePort } from "../engine/vpc/port-snapshot.ts";
import type { VpcPort } from "../engine/vpc/vpc-port.ts";
import { optedApi } from "./api/opted-api.ts";
import type { OptedConfiguration } from "./configuration.ts";
import { Forwarder } from "./forwarder.ts";
import { LimitWatch } from "./limit-watch.ts";
import { ProbeHub } from "./probe-hub.ts";
import { reconcile } from "./reconcile.ts";
import { Sled } from "./sled.ts";
import type { SavedState } from "./sled-state.ts";
import { savedStateOf } from "./state-of.ts";
import { OptedStore } from "./store.ts";

/** Start opted; disposed of, it has saved all flows. Rejects where the socket is another's, or what was saved is unreadable. */
export async function runOpted(configuration: OptedConfiguration, log: DaemonLog): Promise<AsyncDisposable> {
  await using resources = new AsyncDisposableStack();
  const store = new OptedStore(configuration.dataDirectory);
  const before = await store.loadState();
  await prepareSocket(configuration.socket);
  const random = randomSource(configuration.seed, "opted", "flow tables");
  const forwarder = resources.use(await Forwarder.start(random.below(0x1_0000_0000), log));
  const sled = new Sled(forwarder);
  if (before === undefined) {
    if (configuration.underlay !== undefined) await sled.setUnderlay(configuration.underlay);
  } else await comeBack(sled, before, store, log);

  const saver = new FlowSaver(sled, store, configuration, log);
  const limits = new LimitWatch(log);
  forwarder.onTick = (now) => {
    saver.tick(now);
    limits.look(sled.records.map(({ port }) => port));
  };
  resources.defer(() => saver.saveAll());
  const api = optedApi({
    sled,
    probes: new ProbeHub(forwarder),
    limits,
    log,
    saved: () => store.saveState(() => savedStateOf(sled)),
    forgetFlows: (port) => store.deleteFlows(port),
  });
  resources.defer(() => {
    rmSync(configuration.socket, { force: true });
  });
  const previous = process.umask(0o177);
  try {
    // The socket is made before this returns.
    const served = serveApi(api, { path: configuration.socket });
    process.umask(previous);
    resources.use(await served);
  } finally {
    process.umask(previous);
  }
  chmodSync(configuration.socket, 0o600);
  const running = resources.move();
  return { [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Have all ports again, and their connections, before any of them takes a frame. */
async function comeBack(sled: Sled, saved: SavedState, store: OptedStore, log: DaemonLog): Promise<void> {
  const { ruleNumbers, ...state } = saved;
  await reconcile(sled, state, false);
  for (const { port } of sled.records) {
    const numbers = ruleNumbers[port.name];
    if (numbers !== undefined) sled.restoreRuleNumbers(port.name, numbers);
    const flows = await store.loadFlows(port.name);
    const result = flows && restorePort(port, flows, monotonicMs());
    port.port.start();
    log.info({ port: port.name, ...result }, "port restored");
  }
}

/** Saves connections of all ports and the counters of their rules from time to time, and in the end. */
class FlowSaver {
  readonly #sled: Sled;
  readonly #store: OptedStore;
  readonly #configuration: OptedConfiguration;
  readonly #log: DaemonLog;
  #savedAt = monotonicMs();

  constructor(sled: Sled, store: OptedStore, configuration: OptedConfiguration, log: DaemonLog) {
    this.#sled = sled;
    this.#store = store;
    this.#configuration = configuration;
    this.#log = log;
  }

  tick(now: number): void {
    const { snapshotInterval, snapshotFlows } = this.#configuration;
    if (snapshotInterval === 0 || now - this.#savedAt < snapshotInterval) return;
    this.#savedAt = now;
    void this.#save(({ port: { store } }) => store.tcp.size + (store.layers[1]?.size ?? 0) <= snapshotFlows);
  }

  saveAll(): Promise<void> {
    return this.#save(() => true);
  }

  async #save(isWanted: (port: VpcPort) => boolean): Promise<void> {
    const now = monotonicMs();
    // Without a port there was nothing that counts.
    if (this.#sled.records.length === 0) return;
    try {
      await this.#store.saveState(() => savedStateOf(this.#sled));
    } catch (error) {
      this.#log.error({ error: String(error) }, "counters of rules cannot be saved");
    }
    for (const { port } of this.#sled.records.filter((record) => isWanted(record.port))) {
      try {
        await this.#store.saveFlows(port.name, savePort(port, now));
      } catch (error) {
        this.#log.error({ port: port.name, error: String(error) }, "connections cannot be saved");
      }
    }
  }
}

/** Make place for the socket: what a run left that was killed is removed, one that is served stays. */
async function prepareSocket(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket() || (await isServed(path))) {
    throw new KestrelError({
      kind: "input",
      step: "start opted",
      subject: path,
      expected: "a path of its own for the admin API",
      found: found.isSocket() ? "one that another opted serves" : "something that is no socket",
    });
  }
  rmSync(path);
}

function isServed(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once("connect", () => {
    socket.destroy();
    resolve(true);
  });
  socket.once("error", () => {
    resolve(false);
  });
  return promise;
}
