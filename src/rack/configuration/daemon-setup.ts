import type { Plan } from "../../topology/index.ts";
import { type Fabric, hasUplinks, type RackNode } from "../fabric.ts";
import { nameServerOn } from "../name-servers.ts";
import { configurationPath } from "./configuration-file.ts";
import { ddmdConfiguration } from "./ddmd-configuration.ts";
import { dnsdConfigurationOf } from "./dnsd-configuration.ts";
import { dpdConfiguration } from "./dpd-configuration.ts";
import { lldpdConfiguration } from "./lldpd-configuration.ts";
import { mgdConfigurationOf } from "./mgd-configuration.ts";
import { nexusdConfiguration, runsNexus } from "./nexusd-configuration.ts";
import { optedConfigurationOf } from "./opted-configuration.ts";
import { p4switchArguments } from "./p4switch-arguments.ts";
import { sledAgentConfigurationOf } from "./sled-agent-configuration.ts";
import { tfportdConfiguration } from "./tfportd-configuration.ts";

/** Which daemon of which node is set up. */
export interface DaemonPlace {
  readonly plan: Plan;
  readonly fabric: Fabric;
  readonly owner: RackNode;
}

/** How a daemon is started: its arguments, and the configuration that it reads from a file. */
export interface DaemonSetup {
  readonly argv: readonly string[];
  readonly configuration?: object;
}

const setups: Readonly<Record<string, (place: DaemonPlace) => DaemonSetup>> = {
  p4switch: ({ owner }) => ({ argv: p4switchArguments(owner) }),
  dpd: (place) => configured("dpd", dpdConfiguration(place)),
  tfportd: ({ owner }) => configured("tfportd", tfportdConfiguration(owner)),
  ddmd: (place) => configured("ddmd", ddmdConfiguration(place)),
  opted: (place) => configured("opted", optedConfigurationOf(place)),
  "sled-agent": (place) => configured("sled-agent", sledAgentConfigurationOf(place)),
  dnsd: (place) => configured("dnsd", dnsdConfigurationOf(place)),
  nexusd: (place) => configured("nexusd", nexusdConfiguration(place)),
  mgd: ({ owner }) => configured("mgd", mgdConfigurationOf(owner)),
  lldpd: ({ owner }) => configured("lldpd", lldpdConfiguration(owner)),
};

/** Those of a kind's daemons that a node runs: what some nodes have waits in the template of every one. */
export function daemonsOf(fabric: Fabric, owner: RackNode, daemons: readonly string[]): readonly string[] {
  const isHere: Readonly<Record<string, boolean>> = {
    nexusd: runsNexus(owner),
    dnsd: nameServerOn(fabric, owner) !== undefined,
    mgd: hasUplinks(fabric, owner),
  };
  return daemons.filter((name) => isHere[name] ?? true);
}

/** How a daemon of a node is started; throws for one that no node of a rack runs. */
export function daemonSetup(daemon: string, place: DaemonPlace): DaemonSetup {
  const setup = setups[daemon];
  if (setup === undefined) throw new Error(`nobody knows how to set up ${daemon}`);
  return setup(place);
}

function configured(daemon: string, configuration: object): DaemonSetup {
  return { argv: ["--configuration", configurationPath(daemon)], configuration };
}
