/** DHCPv6 message types (RFC 8415 section 7.3). */
export const dhcpv6Messages = { solicit: 1, advertise: 2, request: 3, confirm: 4, reply: 7 } as const;

/** DHCPv6 option codes. */
export const dhcpv6Options = {
  clientId: 1,
  serverId: 2,
  iaNa: 3,
  iaTa: 4,
  iaAddress: 5,
  optionRequest: 6,
  elapsedTime: 8,
  statusCode: 13,
  rapidCommit: 14,
  dnsServers: 23,
  domainList: 24,
  fqdn: 39,
} as const;
