const identity = `id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL,
  time_created TEXT NOT NULL, time_modified TEXT NOT NULL`;

/** What a database is made of, in steps: a database of version N has had the first N of them. A step is never changed. */
export const migrations: readonly string[] = [
  // 1: racks, projects, VPCs, instances.
  `
CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE generation (
  target TEXT PRIMARY KEY NOT NULL, generation INTEGER NOT NULL, digest TEXT NOT NULL
) STRICT;
CREATE TABLE rack (
  id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, time_created TEXT NOT NULL, time_modified TEXT NOT NULL
) STRICT;
CREATE TABLE sled (
  id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, rack_id TEXT NOT NULL REFERENCES rack,
  underlay_ip TEXT NOT NULL, hardware_threads INTEGER NOT NULL, physical_ram INTEGER NOT NULL,
  provision_policy TEXT NOT NULL, is_present INTEGER NOT NULL, time_created TEXT NOT NULL, time_modified TEXT NOT NULL
) STRICT;
CREATE TABLE switch (
  id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, rack_id TEXT NOT NULL REFERENCES rack, switch_slot TEXT NOT NULL,
  tunnel_endpoint TEXT NOT NULL, is_present INTEGER NOT NULL, time_created TEXT NOT NULL, time_modified TEXT NOT NULL,
  UNIQUE (rack_id, switch_slot)
) STRICT;
CREATE TABLE project (${identity}, UNIQUE (name)) STRICT;
CREATE TABLE vpc (
  ${identity}, project_id TEXT NOT NULL REFERENCES project, dns_name TEXT NOT NULL, ipv6_prefix TEXT NOT NULL,
  system_router_id TEXT NOT NULL, vni INTEGER NOT NULL UNIQUE, UNIQUE (project_id, name)
) STRICT;
CREATE TABLE router (
  ${identity}, vpc_id TEXT NOT NULL REFERENCES vpc ON DELETE CASCADE, kind TEXT NOT NULL, UNIQUE (vpc_id, name)
) STRICT;
CREATE TABLE route (
  ${identity}, vpc_router_id TEXT NOT NULL REFERENCES router ON DELETE CASCADE, kind TEXT NOT NULL,
  destination TEXT NOT NULL, target TEXT NOT NULL, UNIQUE (vpc_router_id, name)
) STRICT;
CREATE TABLE subnet (
  ${identity}, vpc_id TEXT NOT NULL REFERENCES vpc, ipv4_block TEXT NOT NULL, ipv6_block TEXT NOT NULL,
  custom_router_id TEXT REFERENCES router, UNIQUE (vpc_id, name)
) STRICT;
CREATE TABLE firewall_rule (
  ${identity}, vpc_id TEXT NOT NULL REFERENCES vpc ON DELETE CASCADE, action TEXT NOT NULL, direction TEXT NOT NULL,
  priority INTEGER NOT NULL, status TEXT NOT NULL, filters TEXT NOT NULL, targets TEXT NOT NULL, UNIQUE (vpc_id, name)
) STRICT;
CREATE TABLE instance (
  ${identity}, project_id TEXT NOT NULL REFERENCES project, hostname TEXT NOT NULL, ncpus INTEGER NOT NULL,
  memory INTEGER NOT NULL, kind TEXT NOT NULL, auto_restart_policy TEXT, enable_jumbo_frames INTEGER NOT NULL,
  intent TEXT NOT NULL, incarnation INTEGER NOT NULL, sled_id TEXT REFERENCES sled, run_state TEXT NOT NULL,
  time_run_state_updated TEXT NOT NULL, UNIQUE (project_id, name)
) STRICT;
CREATE TABLE probe (
  ${identity}, project_id TEXT NOT NULL REFERENCES project, sled TEXT NOT NULL REFERENCES sled, UNIQUE (project_id, name)
) STRICT;
CREATE TABLE interface (
  ${identity}, instance_id TEXT REFERENCES instance, probe_id TEXT REFERENCES probe,
  vpc_id TEXT NOT NULL REFERENCES vpc, subnet_id TEXT NOT NULL REFERENCES subnet, mac TEXT NOT NULL, slot INTEGER NOT NULL,
  is_primary INTEGER NOT NULL, ipv4 TEXT, ipv6 TEXT, transit_ips TEXT NOT NULL,
  UNIQUE (instance_id, name), UNIQUE (instance_id, slot), UNIQUE (vpc_id, mac), UNIQUE (vpc_id, ipv4), UNIQUE (vpc_id, ipv6)
) STRICT;
CREATE INDEX interface_probe ON interface (probe_id);
CREATE INDEX interface_subnet ON interface (subnet_id);
CREATE INDEX instance_sled ON instance (sled_id);
`,
  // 2: what reaches the outside.
  `
CREATE TABLE silo (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE setting (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL, time_created TEXT NOT NULL,
  time_modified TEXT NOT NULL) STRICT;
CREATE TABLE ip_pool (
  ${identity}, ip_version TEXT NOT NULL, pool_type TEXT NOT NULL, assignment TEXT NOT NULL, UNIQUE (name)
) STRICT;
CREATE TABLE ip_pool_range (
  id TEXT PRIMARY KEY NOT NULL, ip_pool_id TEXT NOT NULL REFERENCES ip_pool, first TEXT NOT NULL, last TEXT NOT NULL,
  time_created TEXT NOT NULL
) STRICT;
CREATE TABLE ip_pool_silo (
  id TEXT PRIMARY KEY NOT NULL, pool_id TEXT NOT NULL REFERENCES ip_pool ON DELETE CASCADE,
  silo_id TEXT NOT NULL REFERENCES silo, is_default INTEGER NOT NULL, UNIQUE (pool_id, silo_id)
) STRICT;
CREATE TABLE gateway (
  ${identity}, vpc_id TEXT NOT NULL REFERENCES vpc ON DELETE CASCADE, UNIQUE (vpc_id, name)
) STRICT;
CREATE TABLE gateway_ip_pool (
  ${identity}, internet_gateway_id TEXT NOT NULL REFERENCES gateway ON DELETE CASCADE,
  ip_pool_id TEXT NOT NULL REFERENCES ip_pool ON DELETE CASCADE,
  UNIQUE (internet_gateway_id, name), UNIQUE (internet_gateway_id, ip_pool_id)
) STRICT;
CREATE TABLE gateway_ip_address (
  ${identity}, internet_gateway_id TEXT NOT NULL REFERENCES gateway ON DELETE CASCADE, address TEXT NOT NULL,
  UNIQUE (internet_gateway_id, name), UNIQUE (internet_gateway_id, address)
) STRICT;
CREATE TABLE external_ip (
  ${identity}, kind TEXT NOT NULL, ip TEXT NOT NULL, ip_pool_id TEXT NOT NULL REFERENCES ip_pool,
  project_id TEXT NOT NULL REFERENCES project, instance_id TEXT REFERENCES instance, probe_id TEXT REFERENCES probe,
  first_port INTEGER NOT NULL, last_port INTEGER NOT NULL, UNIQUE (ip, first_port)
) STRICT;
CREATE UNIQUE INDEX floating_ip_name ON external_ip (project_id, name) WHERE kind = 'floating';
CREATE INDEX external_ip_instance ON external_ip (instance_id);
CREATE INDEX external_ip_pool ON external_ip (ip_pool_id);
CREATE TABLE subnet_pool (${identity}, ip_version TEXT NOT NULL, UNIQUE (name)) STRICT;
CREATE TABLE subnet_pool_member (
  id TEXT PRIMARY KEY NOT NULL, subnet_pool_id TEXT NOT NULL REFERENCES subnet_pool, subnet TEXT NOT NULL UNIQUE,
  min_prefix_length INTEGER NOT NULL, max_prefix_length INTEGER NOT NULL, time_created TEXT NOT NULL
) STRICT;
CREATE TABLE subnet_pool_silo (
  id TEXT PRIMARY KEY NOT NULL, pool_id TEXT NOT NULL REFERENCES subnet_pool ON DELETE CASCADE,
  silo_id TEXT NOT NULL REFERENCES silo, is_default INTEGER NOT NULL, UNIQUE (pool_id, silo_id)
) STRICT;
CREATE TABLE external_subnet (
  ${identity}, project_id TEXT NOT NULL REFERENCES project, subnet TEXT NOT NULL UNIQUE,
  subnet_pool_id TEXT NOT NULL REFERENCES subnet_pool,
  subnet_pool_member_id TEXT NOT NULL REFERENCES subnet_pool_member, instance_id TEXT REFERENCES instance,
  UNIQUE (project_id, name)
) STRICT;
`,
  // 3: what the switches are told.
  `
CREATE TABLE address_lot (${identity}, kind TEXT NOT NULL, UNIQUE (name)) STRICT;
CREATE TABLE address_lot_block (
  id TEXT PRIMARY KEY NOT NULL, address_lot_id TEXT NOT NULL REFERENCES address_lot ON DELETE CASCADE,
  first_address TEXT NOT NULL, last_address TEXT NOT NULL
) STRICT;
CREATE TABLE loopback_address (
  id TEXT PRIMARY KEY NOT NULL, rack_id TEXT NOT NULL REFERENCES rack, switch_slot TEXT NOT NULL, address TEXT NOT NULL,
  address_lot_block_id TEXT NOT NULL REFERENCES address_lot_block, anycast INTEGER NOT NULL,
  UNIQUE (rack_id, switch_slot, address)
) STRICT;
CREATE TABLE announce_set (${identity}, UNIQUE (name)) STRICT;
CREATE TABLE announcement (
  id TEXT PRIMARY KEY NOT NULL, announce_set_id TEXT NOT NULL REFERENCES announce_set ON DELETE CASCADE,
  address_lot_block_id TEXT NOT NULL REFERENCES address_lot_block, network TEXT NOT NULL,
  UNIQUE (announce_set_id, network)
) STRICT;
CREATE TABLE bgp_config (
  ${identity}, asn INTEGER NOT NULL UNIQUE, vrf TEXT, max_paths INTEGER NOT NULL,
  bgp_announce_set_id TEXT NOT NULL REFERENCES announce_set, UNIQUE (name)
) STRICT;
CREATE TABLE bfd_session (
  id TEXT PRIMARY KEY NOT NULL, switch_slot TEXT NOT NULL, remote TEXT NOT NULL, local TEXT, mode TEXT NOT NULL,
  detection_threshold INTEGER NOT NULL, required_rx INTEGER NOT NULL, UNIQUE (switch_slot, remote)
) STRICT;
CREATE TABLE port_settings (${identity}, settings TEXT NOT NULL, UNIQUE (name)) STRICT;
CREATE TABLE switch_port (
  id TEXT PRIMARY KEY NOT NULL, rack_id TEXT NOT NULL REFERENCES rack, switch_slot TEXT NOT NULL, port_name TEXT NOT NULL,
  port_settings_id TEXT REFERENCES port_settings, lldp TEXT, UNIQUE (rack_id, switch_slot, port_name)
) STRICT;
`,
];
