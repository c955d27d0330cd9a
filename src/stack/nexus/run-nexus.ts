import { serveApi } from "../daemon/api.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { createNexusApi } from "./api/nexus-api.ts";
import type { NexusConfiguration } from "./configuration.ts";
import { applyDeclaredBoundary } from "./control/declared-boundary.ts";
import { applyDeclaredProjects } from "./control/declared-projects.ts";
import { recordInventory } from "./control/inventory.ts";
import { Reconciliation } from "./control/reconciliation.ts";
import { Store } from "./store/store.ts";

/** A running nexus. */
export interface RunningNexus extends AsyncDisposable {
  /** The TCP port of the API. */
  readonly port: number;
  readonly store: Store;
  readonly reconciliation: Reconciliation;
}

/**
 * Start nexus. @throws KestrelError (input) for a database that cannot be used; rejects with the error of listen(2) when
 * the API's address cannot be had
 */
export async function runNexus(configuration: NexusConfiguration, log: DaemonLog): Promise<RunningNexus> {
  await using started = new AsyncDisposableStack();
  const { database: file, seed, listen, agent_timeout_ms: timeoutMs } = configuration;
  const store = started.use(new Store({ file, seed, timeText: () => new Date().toISOString() }));
  const agents = recordInventory(store, configuration);
  try {
    applyDeclaredBoundary(store, configuration.boundary);
    applyDeclaredProjects(store, configuration.projects);
  } catch (error) {
    // What is there already goes on without it.
    log.error({ fault: error instanceof Error ? error.message : String(error) }, "what is declared cannot be made");
  }
  const reconciliation = started.use(new Reconciliation({ store, agents, log, timeoutMs }));
  const context = {
    store,
    fabric: reconciliation,
    changes: reconciliation.changes,
    revision: () => reconciliation.revision,
    changed: () => {
      reconciliation.changed();
    },
  };
  const api = createNexusApi(context, (status, message, error) => {
    if (status >= 500 && error !== undefined) log.error({ status, err: error }, message);
    else log.debug({ status }, message);
  });
  const { port } = started.use(await serveApi(api, listen));
  const running = started.move();
  return { port, store, reconciliation, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
