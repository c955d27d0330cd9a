import type { BgpAttribute } from "./bgp-attribute.ts";
import type { Bgp, BgpUpdate } from "./bgp-message.ts";

/** A BGP message in a few words: "BGP update announces fd00:1::/64 via fe80::1, withdraws 10.0.0.0/8". */
export function bgpText(layer: Bgp): string {
  switch (layer.message) {
    case "open":
      return `BGP open AS ${asNumberOf(layer.parameters) ?? layer.asNumber} id ${layer.identifier} hold ${layer.holdTime} s`;
    case "update":
      return `BGP update${updateText(layer)}`;
    case "notification":
      return `BGP notification ${String(layer.error).replaceAll("-", " ")} subcode ${layer.subcode}`;
    case "keepalive":
      return "BGP keepalive";
    case "route-refresh":
      return `BGP route refresh ${layer.family} ${layer.subsequentFamily}`;
    case "other":
      return `BGP message of type ${layer.type} (${layer.data.length} bytes)`;
  }
}

const maxPrefixes = 3;

function updateText({ withdrawn, attributes, announced }: BgpUpdate): string {
  const clauses = [
    announced.length === 0 ? [] : [`announces ${prefixesText(announced)}${viaText(attributes)}`],
    ...attributes.map((attribute) => {
      if (attribute.attribute === "mp-unreach") return [`withdraws ${prefixesText(attribute.prefixes)}`];
      if (attribute.attribute !== "mp-reach") return [];
      return [`announces ${prefixesText(attribute.prefixes)} via ${attribute.nextHops.join(" ")}`];
    }),
    withdrawn.length === 0 ? [] : [`withdraws ${prefixesText(withdrawn)}`],
  ].flat();
  return clauses.length === 0 ? "" : ` ${clauses.join(", ")}`;
}

function prefixesText(prefixes: readonly string[]): string {
  if (prefixes.length === 0) return "nothing";
  const more = prefixes.length - maxPrefixes;
  return `${prefixes.slice(0, maxPrefixes).join(" ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function viaText(attributes: readonly BgpAttribute[]): string {
  for (const attribute of attributes) if (attribute.attribute === "next-hop") return ` via ${attribute.address}`;
  return "";
}

function asNumberOf(parameters: Extract<Bgp, { message: "open" }>["parameters"]): number | undefined {
  for (const parameter of parameters) {
    if (parameter.parameter !== "capabilities") continue;
    for (const each of parameter.capabilities) if (each.capability === "four-octet-as") return each.asNumber;
  }
  return undefined;
}
