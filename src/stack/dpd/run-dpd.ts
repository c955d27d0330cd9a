import { setTimeout as pause } from "node:timers/promises";
import type { DaemonLog } from "../daemon/log.ts";
import { monotonicMs } from "../daemon/clock.ts";
import { serveApi } from "../daemon/api.ts";
import { createDpdApi } from "./api/dpd-api.ts";
import type { DpdConfiguration, PortConfiguration } from "./configuration.ts";
import { Control } from "./control.ts";
import { SwitchDriver } from "./driver/switch-driver.ts";
import { type InitialLink, Intent } from "./engine/intent.ts";
import { faultInjection } from "./injected-faults.ts";
import { LinkMonitor } from "./link-monitor.ts";
import { watchLinks } from "./link-watch.ts";

/** A running dpd; disposed of, it lets go of the switch, whose tables stay as they are. */
export interface RunningDpd extends AsyncDisposable {
  /** The TCP port of the API. */
  readonly port: number;
  readonly control: Control;
  readonly links: LinkMonitor;
}

/** Start dpd. Rejects with the error of listen(2) when the API's address cannot be had, or of netlink. */
export async function runDpd(configuration: DpdConfiguration, log: DaemonLog): Promise<RunningDpd> {
  const startedAt = monotonicMs();
  const startedWall = Date.now();
  const uptimeMs = (): number => monotonicMs() - startedAt;
  const { ports, loopback } = configuration;
  const intent = new Intent({
    ports: ports.map(({ id, number, mac, mtu }) => ({ id, number, mac, mtu })),
    links: ports.flatMap(initialLink),
    loopbacks: [...loopback.ipv4, ...loopback.ipv6],
  });
  const { restart_grace_ms: restartGraceMs } = configuration;
  const inject = faultInjection(configuration.injected_faults);
  await using started = new AsyncDisposableStack();
  const driver = started.use(
    new SwitchDriver({
      address: configuration.p4switch,
      wanted: intent.rows,
      log,
      ...(restartGraceMs > 0
        ? {
            adopt: (held) => {
              intent.adopt(held);
            },
          }
        : {}),
      ...(inject === undefined ? {} : { inject }),
    }),
  );
  const control = new Control(intent, driver);
  const grace = new AbortController();
  started.defer(() => {
    grace.abort();
  });
  void releaseAfter(restartGraceMs, control, grace.signal);
  const links = new LinkMonitor(uptimeMs);
  const api = createDpdApi({
    control,
    links,
    configuration,
    uptimeMs,
    timeText: (atMs) => new Date(startedWall + atMs).toISOString(),
    onRefusal: (status, message, error) => {
      if (status >= 500 && error !== undefined) log.error({ status, err: error }, message);
      else log.debug({ status }, message);
    },
  });
  started.use(watchLinks(links, log));
  const { port } = started.use(await serveApi(api, configuration.listen));
  const running = started.move();
  return { port, control, links, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** What an earlier run left in the switch goes when it has had time to be wanted again. */
async function releaseAfter(graceMs: number, control: Control, signal: AbortSignal): Promise<void> {
  try {
    await control.driver.synced;
    await pause(graceMs, undefined, { signal });
  } catch {
    return;
  }
  // A switch that refuses is compared in full, and rid of it then.
  await control
    .change((intent) => {
      intent.releaseAdopted();
    })
    .catch(() => undefined);
}

function initialLink({ id, link }: PortConfiguration): readonly InitialLink[] {
  if (link === false) return [];
  const { uplink, ipv6_enabled: ipv6Enabled, allow_ddm_traffic: allowDdmTraffic } = link;
  return [
    {
      portId: id,
      parameters: { speed: "Speed100G", fec: null, autoneg: false, kr: false, txEq: null, allowDdmTraffic },
      change: {
        ...(uplink === undefined ? {} : { uplink }),
        ...(ipv6Enabled === undefined ? {} : { ipv6Enabled }),
      },
    },
  ];
}
