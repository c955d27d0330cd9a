import type { Snapshot } from "../engine/snapshot.ts";
import type { Store } from "./store.ts";

/** All that desired states follow from, as it is now. */
export function readSnapshot({ tables }: Store): Snapshot {
  return {
    sleds: tables.sleds.list(),
    switches: tables.switches.list(),
    switchPorts: tables.switchPorts.list(),
    projects: tables.projects.list(),
    vpcs: tables.vpcs.list(),
    subnets: tables.subnets.list(),
    routers: tables.routers.list(),
    routes: tables.routes.list(),
    firewallRules: tables.firewallRules.list(),
    instances: tables.instances.list(),
    probes: tables.probes.list(),
    interfaces: tables.interfaces.list(),
    ipPools: tables.ipPools.list(),
    ipPoolRanges: tables.ipPoolRanges.list(),
    ipPoolSilos: tables.ipPoolSilos.list(),
    gateways: tables.gateways.list(),
    gatewayPools: tables.gatewayPools.list(),
    gatewayAddresses: tables.gatewayAddresses.list(),
    externalIps: tables.externalIps.list(),
    externalSubnets: tables.externalSubnets.list(),
    loopbackAddresses: tables.loopbackAddresses.list(),
    announcements: tables.announcements.list(),
    bgpConfigs: tables.bgpConfigs.list(),
    bfdSessions: tables.bfdSessions.list(),
    portSettings: tables.portSettings.list(),
    settings: tables.settings.list(),
  };
}
