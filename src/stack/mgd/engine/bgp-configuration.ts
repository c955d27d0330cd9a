import type { BgpPeerState, SwitchState } from "../../nexus/sled-interface/switch-state.ts";
import type { ConfigurationLine } from "./frr-configuration.ts";
import { interfaceOfLink } from "./learnt-route.ts";

/** What goes out begins here: of routes that were heard from others none is passed on, since a rack carries nobody's transit. */
const ownRoutes = "kestrel-own";
/** Seconds after which a changed filter counts. */
const filterDelaySeconds = 1;

/** What bgpd shall have. Of several BGP routers there is the first. */
export function bgpConfiguration({ bgp, bfd, uplinks, switch_id }: SwitchState): readonly ConfigurationLine[] {
  const [router] = bgp;
  if (router === undefined) return [];
  const { asn, announced, max_paths: maxPaths } = router;
  const peers = router.peers.filter(({ vlan_id: vlan }) => vlan === null);
  const own = `router bgp ${asn}`;
  const guarded = new Set(bfd.map(({ remote }) => remote));
  const familyLines = ([4, 6] as const).flatMap((family): ConfigurationLine[] => {
    const context = [own, `address-family ipv${family} unicast`];
    const networks = announced.map(({ prefix }) => prefix).filter((prefix) => familyOf(prefix) === family);
    const speaking = peers.filter((peer) => familiesOf(peer).includes(family));
    if (networks.length === 0 && speaking.length === 0) return [];
    return [
      ...networks.map((prefix) => [...context, `network ${prefix}`]),
      ...speaking.flatMap((peer) => familySettings(peer).map((line) => [...context, line])),
      [...context, `maximum-paths ${maxPaths}`],
    ];
  });
  return [
    [`bgp route-map delay-timer ${filterDelaySeconds}`],
    [`bgp as-path access-list ${ownRoutes} seq 5 permit ^$`],
    ...peers.flatMap(prefixLists),
    ...peers.flatMap(routeMaps),
    [own],
    [own, `bgp router-id ${routerId(uplinks, switch_id)}`],
    [own, "no bgp ebgp-requires-policy"],
    [own, "no bgp default ipv4-unicast"],
    [own, "bgp bestpath as-path multipath-relax"],
    [own, "no bgp network import-check"],
    ...peers.flatMap((peer) => peerSettings(peer, guarded.has(peerName(peer))).map((line) => [own, line])),
    ...familyLines,
  ];
}

/** How FRR knows a peer: by its address, or by the interface that it is found on. */
export function peerName({ addr, port_name: port }: BgpPeerState): string {
  return addr.type === "numbered" ? addr.ip : interfaceOfLink(port, 0);
}

function familiesOf({ addr }: BgpPeerState): readonly (4 | 6)[] {
  // IPv4 prefixes go by IPv6 next hops where the peer can that (RFC 8950); the other way there is none.
  return addr.type === "numbered" && familyOf(addr.ip) === 4 ? [4] : [4, 6];
}

function peerSettings(peer: BgpPeerState, guarded: boolean): readonly string[] {
  const name = peerName(peer);
  const neighbor = `neighbor ${name}`;
  const { addr, remote_asn: remote, md5_auth_key: key, min_ttl: minTtl } = peer;
  const remoteAs = `remote-as ${remote ?? "external"}`;
  return [
    addr.type === "numbered" ? `${neighbor} ${remoteAs}` : `${neighbor} interface ${remoteAs}`,
    ...(guarded ? [`${neighbor} bfd`] : []),
    ...(key === null ? [] : [`${neighbor} password ${key}`]),
    ...(minTtl === null || minTtl === 0 ? [] : [`${neighbor} ttl-security hops ${256 - minTtl}`]),
    ...(peer.enforce_first_as ? [`${neighbor} enforce-first-as`] : []),
    `${neighbor} timers ${peer.keepalive} ${peer.hold_time}`,
    ...(peer.connect_retry === 0 ? [] : [`${neighbor} timers connect ${peer.connect_retry}`]),
    ...(peer.delay_open === 0 ? [] : [`${neighbor} timers delayopen ${peer.delay_open}`]),
    ...(addr.type === "numbered" && familyOf(addr.ip) === 6 ? [`${neighbor} capability extended-nexthop`] : []),
  ];
}

function familySettings(peer: BgpPeerState): readonly string[] {
  const name = peerName(peer);
  const neighbor = `neighbor ${name}`;
  return [
    ...(["in", "out"] as const).flatMap((direction) =>
      policyOf(peer, direction).type === "allow"
        ? [`${neighbor} prefix-list ${policyName(name, direction)} ${direction}`]
        : [],
    ),
    ...(["in", "out"] as const).flatMap((direction) =>
      attributesOf(peer, direction).length > 0
        ? [`${neighbor} route-map ${policyName(name, direction)} ${direction}`]
        : [],
    ),
    `${neighbor} filter-list ${ownRoutes} out`,
    // Last: without it nothing is told, filtered or not.
    `${neighbor} activate`,
  ];
}

function policyOf(peer: BgpPeerState, direction: "in" | "out"): BgpPeerState["allowed_import"] {
  return direction === "in" ? peer.allowed_import : peer.allowed_export;
}

function policyName(peer: string, direction: "in" | "out"): string {
  return `kestrel-${direction}-${peer}`;
}

/** A list without an entry of a family would let everything of it pass, so there is one that denies in the end. */
function prefixLists(peer: BgpPeerState): readonly ConfigurationLine[] {
  return (["in", "out"] as const).flatMap((direction) => {
    const policy = policyOf(peer, direction);
    if (policy.type !== "allow") return [];
    const name = policyName(peerName(peer), direction);
    return ([4, 6] as const).flatMap((family) => {
      const list = `ip${family === 4 ? "" : "v6"} prefix-list ${name}`;
      const allowed = policy.value.filter((prefix) => familyOf(prefix) === family);
      return [
        ...allowed.map((prefix, at) => [`${list} seq ${5 * (at + 1)} permit ${prefix}`]),
        [`${list} seq ${5 * (allowed.length + 1)} deny any`],
      ];
    });
  });
}

function routeMaps(peer: BgpPeerState): readonly ConfigurationLine[] {
  return (["in", "out"] as const).flatMap((direction) => {
    const attributes = attributesOf(peer, direction);
    const map = `route-map ${policyName(peerName(peer), direction)} permit 10`;
    return attributes.length === 0 ? [] : [[map], ...attributes.map((line) => [map, line])];
  });
}

function attributesOf(
  { communities, multi_exit_discriminator: med, local_pref: preference }: BgpPeerState,
  direction: "in" | "out",
): readonly string[] {
  if (direction === "in") return preference === null ? [] : [`set local-preference ${preference}`];
  const values = communities.toSorted((one, other) => one - other);
  return [
    ...(values.length === 0 ? [] : [`set community ${values.map(communityText).join(" ")}`]),
    ...(med === null ? [] : [`set metric ${med}`]),
  ];
}

/** RFC 1997: an AS number and a value. */
function communityText(community: number): string {
  return `${Math.floor(community / 0x1_0000)}:${community % 0x1_0000}`;
}

/** The first IPv4 address of an uplink; without one, 32 bits of the switch's identifier. */
function routerId(uplinks: SwitchState["uplinks"], switchId: string): string {
  const addresses = uplinks.flatMap(({ addresses: own }) => own.map(({ address }) => address.replace(/\/\d+$/, "")));
  const first = addresses.find((address) => familyOf(address) === 4);
  if (first !== undefined) return first;
  const digits = switchId.replaceAll("-", "").padEnd(8, "1").slice(0, 8);
  return [0, 2, 4, 6].map((at) => Number.parseInt(digits.slice(at, at + 2), 16) || 1).join(".");
}

function familyOf(text: string): 4 | 6 {
  return text.includes(":") ? 6 : 4;
}
