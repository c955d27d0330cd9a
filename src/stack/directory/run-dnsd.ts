import { agentApi } from "../daemon/agent-api.ts";
import { serveApi } from "../daemon/api.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { directoryReport, directoryState } from "../nexus/sled-interface/directory-state.ts";
import type { DnsdConfiguration } from "./configuration.ts";
import { openDnsSocket } from "./dns-socket.ts";
import { answerOf, refusal } from "./engine/answer.ts";
import { NameServer } from "./name-server.ts";

/** A running dnsd. */
export interface RunningDnsd extends AsyncDisposable {
  /** The UDP port of names, and the TCP port of the admin API. */
  readonly port: number;
  readonly adminPort: number;
}

/** Start dnsd. Rejects with a KestrelError for a saved state that is none, or the error of bind(2) or listen(2). */
export async function runDnsd(configuration: DnsdConfiguration, log: DaemonLog): Promise<RunningDnsd> {
  await using started = new AsyncDisposableStack();
  const server = new NameServer(configuration.dataDirectory);
  await server.begin();
  const socket = started.use(
    await openDnsSocket(configuration.listen, (query, from) => {
      // A response to a response would go round for ever.
      if (query.response) return;
      const { directory } = server;
      socket.send(directory === undefined ? refusal(query, "server-failure") : answerOf(directory, query), from);
    }),
  );
  const api = agentApi("dnsd", server, { state: directoryState, report: directoryReport }, (status, message, error) => {
    if (status >= 500) log.error({ status, err: error }, message);
    else log.debug({ status }, message);
  });
  const { port: adminPort } = started.use(await serveApi(api, configuration.admin));
  const running = started.move();
  return { port: socket.port, adminPort, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
