import { resolveNeighbour } from "../../netdev/neighbours.ts";
import { type NetlinkSocket, openNetlinkSocket, watchNetlink } from "../../netdev/netlink-socket.ts";
import { type ServedApi, serveApi } from "../daemon/api.ts";
import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { createTfportApi } from "./api.ts";
import type { TfportConfiguration } from "./configuration.ts";
import { ensureCpuInterface } from "./cpu-interface.ts";
import { CpuPort } from "./cpu-port.ts";
import { DpdClient } from "./dpd-client.ts";
import { DpdMirror } from "./dpd-mirror.ts";
import { DpdWatch } from "./dpd-watch.ts";
import { NeighbourMirror } from "./engine/neighbour-mirror.ts";
import type { NextHop } from "./engine/next-hop-table.ts";
import { TfportEngine } from "./engine/tfport-engine.ts";
import { addressOf, KernelNeighbours } from "./kernel-neighbours.ts";
import { PortSet } from "./port-set.ts";

/** Owner of what tfportd tells dpd. */
const tag = "tfportd";
/** A hundred errors a second, fifty at once (RFC 4443, section 2.4 (f), leaves the figures to the node). */
const icmpRate = { perSecond: 100, burst: 50 };
/** The kernel gives up after three seconds by default. */
const resolution = { framesPerNextHop: 64, bytes: 4 * 1024 * 1024, nextHops: 512, answerMs: 5000, failureMs: 1000 };

/** A running tfportd; disposed of, its interfaces are gone, and dpd has the neighbours that it had. */
export interface RunningTfportd extends AsyncDisposable {
  /** The TCP port of the API. */
  readonly port: number;
}

/** Start tfportd. Rejects with the kernel's error when an interface cannot be made or the API's address not be had. */
export async function runTfportd(configuration: TfportConfiguration, log: DaemonLog): Promise<RunningTfportd> {
  await using resources = new AsyncDisposableStack();
  const netlink = resources.use(openNetlinkSocket());
  await ensureCpuInterface(netlink, configuration);

  const { mtu, mtus, icmpSource, nics } = configuration;
  const engine = new TfportEngine(
    { icmpSource, icmpRate, mtu, resolution },
    {
      toKernel: (port, bytes, start, length) => ports.byNumber(port)?.tap.send(bytes, start, length),
      toSwitch: (bytes, start, length) => {
        cpu.send(bytes, start, length);
      },
      resolve: (nextHop) => void resolve(nextHop),
    },
  );
  let hasEnded = false;
  const timer = resources.use(
    new WakeTimer(() => {
      engine.advance(monotonicMs());
      settle();
    }),
  );
  /** After anything was told to the engine: frames leave, and the timer is set. */
  const settle = (): void => {
    cpu.flush();
    // What comes late to an end sets nothing going any more.
    timer.set(hasEnded ? undefined : engine.deadline);
  };
  const mirror = new NeighbourMirror(tag);
  const removed = (number: number): void => {
    mirror.retain((port) => port !== number);
  };
  const ports = resources.use(new PortSet({ netlink, engine, log, mtu, mtus, nics, flush: settle, removed }));
  const cpu = resources.use(
    new CpuPort(
      configuration.cpuInterface,
      (bytes, start, length) => {
        engine.frameFromSwitch(bytes, start, length, monotonicMs());
      },
      settle,
    ),
  );
  const resolve = (nextHop: NextHop): Promise<void> => resolveBy(netlink, ports, nextHop, engine).finally(settle);

  const client = new DpdClient(configuration.dpd, tag);
  const dpdMirror = new DpdMirror(client, mirror, log);
  const neighbours = new KernelNeighbours(ports, engine, mirror);
  const readKernel = async (): Promise<void> => {
    await ports.readCarriers();
    await neighbours.read(netlink);
    dpdMirror.tell();
    settle();
  };
  resources.use(
    watchNetlink(["links", "neighbours"], {
      message: (message) => {
        ports.linkMessage(message);
        neighbours.message(message);
        dpdMirror.tell();
        settle();
      },
      lost: () => {
        readKernel().catch((error: unknown) => {
          if (!hasEnded) log.error({ error }, "what the kernel knows cannot be read");
        });
      },
    }),
  );
  await readKernel();
  const watch = resources.use(new DpdWatch(client, dpdMirror, { reconcile: (wanted) => ports.reconcile(wanted), log }));
  watch.start();
  const api: ServedApi = resources.use(
    await serveApi(createTfportApi({ engine, ports, log, switchDrops: () => cpu.sendDrops }), configuration.listen),
  );
  const running = resources.move();
  return {
    port: api.port,
    [Symbol.asyncDispose]: () => {
      hasEnded = true;
      return running.disposeAsync();
    },
  };
}

/** Have the kernel ask for a next hop; what it refuses to ask for does not answer. */
async function resolveBy(
  netlink: NetlinkSocket,
  ports: PortSet,
  nextHop: NextHop,
  engine: TfportEngine,
): Promise<void> {
  const tap = ports.byNumber(nextHop.port)?.tap;
  try {
    if (tap !== undefined) await resolveNeighbour(netlink, { index: tap.index, address: addressOf(nextHop) });
  } catch {
    engine.neighbourLost(nextHop, monotonicMs());
  }
}
