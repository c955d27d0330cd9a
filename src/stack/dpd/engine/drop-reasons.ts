/** Reasons why packets are dropped, by their code: the cell of the counter `ingress.drops` (spec section 4.1). */
export const dropReasons: ReadonlyMap<number, string> = new Map([
  [0x01, "ipv4_switch_addr_miss"],
  [0x02, "ipv6_switch_addr_miss"],
  [0x03, "bad_ping"],
  [0x04, "nat_header_error"],
  [0x05, "arp_null"],
  [0x06, "arp_miss"],
  [0x07, "ndp_null"],
  [0x08, "ndp_miss"],
  [0x09, "multicast_interface_local"],
  [0x0a, "ipv4_checksum_error"],
  [0x0b, "ipv4_ttl_invalid"],
  [0x0c, "ipv4_ttl_exceeded"],
  [0x0d, "ipv6_ttl_invalid"],
  [0x0e, "ipv6_ttl_exceeded"],
  [0x0f, "ipv4_unroutable"],
  [0x10, "ipv6_unroutable"],
  [0x11, "nat_ingress_miss"],
  [0x12, "nat_egress_blocked"],
  [0x13, "multicast_no_group"],
  [0x14, "multicast_invalid_mac"],
  [0x15, "multicast_cpu_copy"],
  [0x16, "multicast_source_filtered"],
  [0x17, "multicast_path_filtered"],
  [0x18, "geneve_options_too_long"],
  [0x19, "geneve_options_malformed"],
  [0x1a, "geneve_options_unknown"],
  [0x1b, "sctp"],
  [0x1c, "unreadable"],
]);

/** The counter's name in the program. */
export const dropCounter = "ingress.drops";
