import { Command } from "commander";
import { describeError } from "../../error/kestrel-error.ts";
import { readConfiguration } from "../daemon/configuration.ts";
import { type DaemonLog, OnceLog, daemonLog } from "../daemon/log.ts";
import { rehearse } from "../daemon/rehearsal.ts";
import { randomSource } from "../daemon/random.ts";
import { serveApi } from "../daemon/api.ts";
import { adminApi } from "./admin-api.ts";
import { readAuthenticator } from "./authenticator.ts";
import { assignToLoopback, bootstrapOfMac } from "./bootstrap.ts";
import { type DdmConfiguration, ddmConfigurationSchema } from "./configuration.ts";
import { DelayWeights } from "./delay-weights.ts";
import { DdmDaemon } from "./daemon.ts";
import { type RouteKey, tunnelKey } from "./engine/route-key.ts";
import { findLink } from "../../netdev/links.ts";
import { openNetlinkSocket } from "../../netdev/netlink-socket.ts";
import type { EngineSettings } from "./engine/settings.ts";
import { DpdDriver } from "./forwarding/dpd-driver.ts";
import type { ForwardingDriver } from "./forwarding/driver.ts";
import { KernelDriver } from "./forwarding/kernel-driver.ts";
import { ForwardingProgrammer } from "./forwarding/programmer.ts";
import { DdmStore } from "./store.ts";

const retryMs = 1000;

/** For a machine that is frozen afterwards: what {@link main} will do has been done before. */
export function prepare(): Promise<void> {
  return rehearse(ddmConfigurationSchema);
}

/**
 * Run ddmd: `ddmd --configuration FILE`; resolves when it was told to end: by SIGINT it takes
 * its routes along, by SIGTERM they stay for the daemon that takes over.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const { configuration: file } = new Command("ddmd")
    .description("routing daemon of the underlay")
    .requiredOption("--configuration <file>", "JSON file, docs/ddm.md")
    .parse(argv, { from: "user" })
    .opts<{ configuration: string }>();
  const log = daemonLog("ddmd");
  try {
    await run(await readConfiguration("ddmd", file, ddmConfigurationSchema), log);
  } catch (error) {
    log.error(describeError(error));
    process.exitCode = 1;
  }
}

async function run(configuration: DdmConfiguration, log: DaemonLog): Promise<void> {
  const ended = Promise.withResolvers<NodeJS.Signals>();
  const end = (signal: NodeJS.Signals): void => {
    ended.resolve(signal);
  };
  process.once("SIGTERM", end).once("SIGINT", end);
  try {
    const store = new DdmStore(configuration.dataDirectory);
    const before = await store.load();
    // A clock that was set back must not make a router look older than it was.
    const instance = Math.max(before.instance + 1, Date.now());
    await store.save({ instance, originated: before.originated });
    const settings = await engineSettings(configuration, instance);
    const originated = [
      ...before.originated,
      ...configuredKeys(configuration),
      ...(await bootstrapKeys(configuration)),
    ];
    const driver = forwardingDriver(configuration);
    const forwarding = new ForwardingProgrammer({
      driver,
      log,
      once: new OnceLog(log),
      reconcileMs: configuration.reconcileInterval,
      retryMs,
    });
    using weights = await delayWeights(configuration, driver, forwarding, log);
    const { interfaces } = configuration;
    await using daemon = new DdmDaemon({ settings, interfaces, forwarding, weights, store, log });
    await daemon.change("originate", originated);
    await using admin = await serveApi(adminApi(daemon), configuration.admin);
    log.info({ admin: admin.port, instance }, `${configuration.kind} ${configuration.routerId}`);
    await daemon.start();
    // Who ends it otherwise starts it again: it goes on forwarding meanwhile.
    if ((await ended.promise) === "SIGINT") await forwarding.clear();
  } finally {
    process.off("SIGTERM", end).off("SIGINT", end);
  }
}

async function engineSettings(configuration: DdmConfiguration, instance: number): Promise<EngineSettings> {
  const { kind, routerId, rackPrefix, sitePrefixes, boundaryAcrossRacks, timers, signing, seed } = configuration;
  return {
    kind,
    routerId,
    hostname: configuration.hostname ?? routerId,
    rackPrefix,
    sitePrefixes,
    boundaryAcrossRacks,
    timers,
    instance,
    random: randomSource(seed, "ddmd", routerId),
    authenticator: signing === undefined ? undefined : await readAuthenticator(signing),
  };
}

function configuredKeys({ originate, tunnelOrigins }: DdmConfiguration): readonly RouteKey[] {
  return [...originate, ...tunnelOrigins.map(tunnelKey).filter((key) => key !== undefined)];
}

/** The address that this sled gives itself, and its prefix, before anybody has given it one (RFD 63). */
async function bootstrapKeys({ bootstrapInterface }: DdmConfiguration): Promise<readonly RouteKey[]> {
  if (bootstrapInterface === undefined) return [];
  using socket = openNetlinkSocket();
  const mac = (await findLink(socket, bootstrapInterface))?.mac;
  if (mac === undefined)
    throw new Error(`the bootstrap interface ${bootstrapInterface} is not there or has no MAC address`);
  const { prefix, address } = bootstrapOfMac(mac);
  await assignToLoopback(address, 64);
  return [prefix];
}

async function delayWeights(
  { multipath, sourceAddress, interfaces, seed }: DdmConfiguration,
  driver: ForwardingDriver,
  forwarding: ForwardingProgrammer,
  log: DaemonLog,
): Promise<DelayWeights | undefined> {
  if (multipath === undefined || sourceAddress === undefined || !(driver instanceof KernelDriver)) return undefined;
  return DelayWeights.start({ driver, forwarding, interfaces, sourceAddress, settings: multipath, seed, log });
}

function forwardingDriver({ dpd, sourceAddress }: DdmConfiguration): ForwardingDriver {
  return dpd === undefined ? new KernelDriver(sourceAddress) : new DpdDriver(dpd);
}
