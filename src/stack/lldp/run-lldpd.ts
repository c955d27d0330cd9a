import { hostname } from "node:os";
import { openNetlinkSocket, watchNetlink } from "../../netdev/netlink-socket.ts";
import { serveApi } from "../daemon/api.ts";
import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { createLldpApi } from "./api.ts";
import type { LldpConfiguration } from "./configuration.ts";
import { LldpEngine } from "./engine/lldp-engine.ts";
import { InterfaceSelection } from "./interface-selection.ts";
import { LldpInterfaces } from "./interfaces.ts";

/** A running lldpd; disposed of, it tells its neighbours that it leaves. */
export interface RunningLldpd extends AsyncDisposable {
  /** The TCP port of the API. */
  readonly port: number;
}

/** Start lldpd. Rejects with the system's error when the API's address cannot be had. */
export async function runLldpd(configuration: LldpConfiguration, log: DaemonLog): Promise<RunningLldpd> {
  const { systemName = hostname(), systemDescription, router, timers } = configuration;
  await using resources = new AsyncDisposableStack();
  const netlink = resources.use(openNetlinkSocket());
  const engine = new LldpEngine(
    timers,
    { systemName, systemDescription, capabilities: [router ? "router" : "station"] },
    {
      send: (name, frame) => {
        interfaces.send(name, frame);
      },
      neighbour: (name, change, { chassisId, portId }) => {
        if (change !== "refreshed")
          log.info({ interface: name, chassis: chassisId, port: portId }, `neighbour ${change}`);
      },
    },
  );
  const timer = resources.use(
    new WakeTimer(() => {
      engine.advance(monotonicMs());
      settle();
    }),
  );
  const settle = (): void => {
    timer.set(engine.deadline);
  };
  const selection = new InterfaceSelection(configuration.interfaces);
  const interfaces = resources.use(new LldpInterfaces(engine, selection, settle, log));
  const read = async (): Promise<void> => {
    await interfaces.read(netlink);
    settle();
  };
  resources.use(
    watchNetlink(["links"], {
      message: (message) => {
        interfaces.linkMessage(message);
        settle();
      },
      lost: () => {
        read().catch((error: unknown) => {
          log.error({ error }, "the interfaces cannot be read");
        });
      },
    }),
  );
  await read();
  const select = (name: string, isSelected: boolean): boolean => {
    if (isSelected && !interfaces.exists(name)) return false;
    selection.set(name, isSelected);
    interfaces.reselect();
    return true;
  };
  const api = resources.use(await serveApi(createLldpApi({ engine, log, select, settle }), configuration.listen));
  const running = resources.move();
  return { port: api.port, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
