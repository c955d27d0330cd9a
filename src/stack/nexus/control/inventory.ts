import { canonicalIpv6 } from "../../../packet/index.ts";
import type { NexusConfiguration } from "../configuration.ts";
import type { Target } from "../engine/desired-state.ts";
import { nameServersKey, type SledAgentSetting, sledAgentsKey } from "../engine/directory-states.ts";
import type { Store } from "../store/store.ts";
import type { AgentAddress } from "./reconciliation.ts";

/**
 * Bring racks, sleds, switches and what guests are told in line with the configuration. They are known by their names, so
 * that they keep their identifiers; what is gone stays in the database, out of service. Returns where the agents are.
 */
export function recordInventory(store: Store, configuration: NexusConfiguration): ReadonlyMap<Target, AgentAddress> {
  return store.transaction(() => {
    const agents = new Map<Target, AgentAddress>();
    const { racks, sleds, switches, silos } = store.tables;
    if (silos.find({ name: "default" }) === undefined) silos.insert({ id: store.newId(), name: "default" });
    setSetting(store, "guest_dns", configuration.guest_dns);
    const nameServers = configuration.name_servers.map(({ name, address }) => ({ name, address }));
    setSetting(store, nameServersKey, nameServers);
    for (const { name, agent } of configuration.name_servers) if (agent !== undefined) agents.set(`dns:${name}`, agent);
    // Without anyone to tell they are no news.
    setSetting(store, sledAgentsKey, nameServers.length === 0 ? [] : sledAgentsOf(configuration));
    const present = new Set<string>();
    for (const { name, sleds: rackSleds, switches: rackSwitches } of configuration.racks) {
      const rackId = racks.find({ name })?.id ?? racks.insert({ id: store.newId(), name, ...now(store) }).id;
      for (const sled of rackSleds) {
        const id = recordSled(store, rackId, sled);
        present.add(id);
        if (sled.agent !== undefined) agents.set(`sled:${id}`, sled.agent);
      }
      for (const row of rackSwitches) {
        const id = recordSwitch(store, rackId, row);
        present.add(id);
        if (row.agent !== undefined) agents.set(`switch:${id}`, row.agent);
      }
    }
    for (const table of [sleds, switches]) {
      for (const { id, is_present: isPresent } of table.list()) {
        if (isPresent !== present.has(id)) table.update({ id }, { is_present: present.has(id) });
      }
    }
    return agents;
  });
}

/** Where sleds are asked, for who looks for them by name. */
function sledAgentsOf({ racks }: NexusConfiguration): readonly SledAgentSetting[] {
  return racks.flatMap(({ sleds }) =>
    sleds.flatMap(({ name, agent }) => (agent === undefined ? [] : [{ name, address: agent.host, port: agent.port }])),
  );
}

type ConfiguredRack = NexusConfiguration["racks"][number];

function recordSled(store: Store, rackId: string, sled: ConfiguredRack["sleds"][number]): string {
  const { sleds } = store.tables;
  const facts = {
    underlay_ip: canonicalIpv6(sled.underlay),
    hardware_threads: sled.hardware_threads,
    physical_ram: sled.physical_ram,
  };
  const before = sleds.find({ rack_id: rackId, name: sled.name });
  if (before !== undefined) {
    sleds.update({ id: before.id }, facts);
    return before.id;
  }
  const rest = { provision_policy: "provisionable", is_present: true } as const;
  return sleds.insert({ id: store.newId(), name: sled.name, rack_id: rackId, ...facts, ...rest, ...now(store) }).id;
}

function recordSwitch(store: Store, rackId: string, row: ConfiguredRack["switches"][number]): string {
  const { switches, switchPorts } = store.tables;
  const own = { rack_id: rackId, switch_slot: row.slot };
  const facts = { name: row.name, tunnel_endpoint: canonicalIpv6(row.tunnel_endpoint) };
  const before = switches.find(own);
  if (before !== undefined) switches.update({ id: before.id }, facts);
  for (const port_name of row.uplink_ports) {
    if (switchPorts.find({ ...own, port_name }) !== undefined) continue;
    switchPorts.insert({ id: store.newId(), ...own, port_name, port_settings_id: null, lldp: null });
  }
  if (before !== undefined) return before.id;
  return switches.insert({ id: store.newId(), ...own, ...facts, is_present: true, ...now(store) }).id;
}

/** Keep a setting of the fleet. */
export function setSetting(store: Store, key: string, value: unknown): void {
  const { settings } = store.tables;
  const before = settings.find({ key });
  if (before === undefined) settings.insert({ key, value, ...now(store) });
  else if (JSON.stringify(before.value) !== JSON.stringify(value)) {
    settings.update({ key }, { value, time_modified: store.timeText() });
  }
}

function now(store: Store): { readonly time_created: string; readonly time_modified: string } {
  const time = store.timeText();
  return { time_created: time, time_modified: time };
}
