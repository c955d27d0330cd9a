import type { ServicePlan } from "../topology/index.ts";

/** The daemons of FRR that mgd drives, in the order in which they begin; each drops its rights by itself. */
const daemons = ["zebra", "staticd", "bfdd", "bgpd"] as const;

/**
 * FRR on a switch: no configuration but what mgd says over the daemons' sockets, nobody listens for a terminal, logs go where those of
 * all services go.
 */
export const frrServices: readonly ServicePlan[] = daemons.map((name) => ({
  name,
  command: [`/usr/lib/frr/${name}`, "--config_file", "/dev/null", "--vty_port", "0", "--log", "stdout"],
  parked: false,
}));

/** Where they have their sockets. */
export const frrCommands: readonly string[] = ["install -d -o frr -g frr /run/frr /var/tmp/frr"];
