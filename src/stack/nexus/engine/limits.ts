/** The numbers that this control plane keeps to (RFD 63, "Limits and State"; OPTE's specification, sections 1.12, 1.14, 3). */
export const limits = {
  firewallRulesPerVpc: 1024,
  firewallTargetsPerRule: 256,
  firewallFiltersPerRule: 256,
  interfacesPerInstance: 8,
  /** Ephemeral and floating ones together; the one for source NAT comes on top. */
  externalIpsPerInstance: 32,
  ephemeralIpsPerInstance: 2,
  transitIpsPerInterface: 64,
  externalSubnetsPerInstance: 32,
  /** VPCs, subnets, routes: how much of one thing another may have. */
  vpcsPerProject: 64,
  subnetsPerVpc: 64,
  routersPerVpc: 64,
  routesPerRouter: 256,
  gatewaysPerVpc: 32,
  instancesPerProject: 4096,
  /** Ports of an external address that one instance shares by source NAT. */
  snatBlockPorts: 16_384,
  /** Guest VNIs; below are the system's. */
  vni: { lowest: 1024, highest: 0xff_ffff },
  /** Prefix lengths of a subnet's IPv4 block. */
  ipv4Block: { shortest: 8, longest: 26 },
  /** The first addresses of a subnet belong to the network, the second of them being the gateway. */
  reservedAddresses: 5,
  descriptionLength: 512,
  bodyBytes: 1_048_576,
} as const;

/** Addresses that are the same everywhere. */
export const wellKnown = {
  defaultSubnet: "172.30.0.0/22",
  gatewayMac: "a8:40:25:ff:77:77",
  /** Guests' MAC addresses lie from here on. */
  firstGuestMac: "a8:40:25:f0:00:00",
  guestMacs: 0x0f_0000,
} as const;
