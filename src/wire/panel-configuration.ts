import { portName } from "./port-socket-path.ts";
import type { PanelConfiguration, WireEnd } from "./protocol.ts";
import { settingsFaults } from "./settings-faults.ts";

interface Has {
  has(name: string): boolean;
}

/** What a panel carries already. */
export interface CarriedNames {
  /** Port name to the wire it is plugged into. */
  readonly ports: ReadonlyMap<string, string | undefined>;
  readonly segments: Has;
  readonly wires: Has;
}

/** All reasons why a configuration cannot be added to what is carried, in words; none if it can. */
export function configurationFaults(configuration: PanelConfiguration, carried: CarriedNames): string[] {
  const { segments = [], wires = [] } = configuration;
  const ports = (configuration.ports ?? []).map(({ node, port }) => portName(node, port));
  const faults = [
    ...taken("port", ports, carried.ports),
    ...taken(
      "segment",
      segments.map(({ name }) => name),
      carried.segments,
    ),
    ...taken(
      "wire",
      wires.map(({ name }) => name),
      carried.wires,
    ),
  ];
  const knownPorts = new Set([...ports, ...carried.ports.keys()]);
  const knownSegments = new Set(segments.map(({ name }) => name));
  const plugged = new Map(carried.ports);
  for (const { name, ends, aToB = {}, bToA = {} } of wires) {
    faults.push(...[...settingsFaults(aToB), ...settingsFaults(bToA)].map((fault) => `wire ${name}: ${fault}`));
    for (const end of ends) {
      const fault = endFault(
        end,
        name,
        knownPorts,
        plugged,
        (segment) => knownSegments.has(segment) || carried.segments.has(segment),
      );
      if (fault !== undefined) faults.push(fault);
    }
    const [a, b] = ends;
    if (a !== null && b !== null && "segment" in a && "segment" in b) {
      faults.push(`wire ${name} connects two segments; one end must be a port`);
    }
  }
  return faults;
}

function taken(kind: string, names: readonly string[], carried: Has): string[] {
  const seen = new Set<string>();
  return names.flatMap((name) => {
    const double = seen.has(name) || carried.has(name);
    seen.add(name);
    return double ? [`${kind} ${name} exists already`] : [];
  });
}

function endFault(
  end: WireEnd,
  wire: string,
  ports: ReadonlySet<string>,
  plugged: Map<string, string | undefined>,
  hasSegment: (name: string) => boolean,
): string | undefined {
  if (end === null) return undefined;
  if ("segment" in end) {
    return hasSegment(end.segment) ? undefined : `wire ${wire} ends at segment ${end.segment}, which does not exist`;
  }
  if (!ports.has(end.port)) return `wire ${wire} ends at port ${end.port}, which does not exist`;
  const other = plugged.get(end.port);
  if (other !== undefined) return `wire ${wire} ends at port ${end.port}, which is taken by wire ${other}`;
  plugged.set(end.port, wire);
  return undefined;
}
