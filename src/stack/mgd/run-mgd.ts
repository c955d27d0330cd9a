import { agentApi } from "../daemon/agent-api.ts";
import { serveApi } from "../daemon/api.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { switchReport, switchState } from "../nexus/sled-interface/switch-state.ts";
import type { MgdConfiguration } from "./configuration.ts";
import { Mgd } from "./mgd.ts";
import { adminApi } from "./mgd-api.ts";

/** A running mgd; forwarding and FRR go on when it is disposed of. */
export interface RunningMgd extends AsyncDisposable {
  /** The TCP port of the API that nexus speaks to. */
  readonly port: number;
  /** The TCP port of the admin API. */
  readonly adminPort: number;
}

/**
 * Start mgd. Rejects with a KestrelError for a saved state that is none, or the error of listen(2) when an API's address cannot be
 * had.
 */
export async function runMgd(configuration: MgdConfiguration, log: DaemonLog): Promise<RunningMgd> {
  await using started = new AsyncDisposableStack();
  const mgd = started.use(new Mgd(configuration, log));
  await mgd.begin();
  const onRefusal = (status: number, message: string, error?: unknown): void => {
    if (status >= 500) log.error({ status, err: error }, message);
    else log.debug({ status }, message);
  };
  const agent = agentApi("mgd, as nexus has it", mgd, { state: switchState, report: switchReport }, onRefusal);
  const { port } = started.use(await serveApi(agent, configuration.listen));
  const { port: adminPort } = started.use(await serveApi(adminApi(mgd, onRefusal), configuration.admin));
  const running = started.move();
  return { port, adminPort, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
