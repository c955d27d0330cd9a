import type { FilePlan, ServicePlan } from "../topology/index.ts";

/** The daemons of FRR that mgd drives, in the order in which they begin; each drops its rights by itself. */
const daemons = ["zebra", "staticd", "bfdd", "bgpd"] as const;

/**
 * What zebra is told before mgd says anything. The kernel takes a nexthop object away together with the carrier of its interface, and
 * zebra believes that its group still has it; routes that name their next hops themselves are right.
 */
const zebraFile: FilePlan = {
  path: "/etc/kestrel/zebra.conf",
  mode: 0o644,
  content: "no zebra nexthop kernel enable\n",
};

/** Files that FRR reads on a switch. */
export const frrFiles: readonly FilePlan[] = [zebraFile];

/**
 * FRR on a switch: no other configuration than what mgd says over the daemons' sockets, nobody listens for a terminal, logs go where
 * those of all services go.
 */
export const frrServices: readonly ServicePlan[] = daemons.map((name) => {
  const file = name === "zebra" ? zebraFile.path : "/dev/null";
  return {
    name,
    command: [`/usr/lib/frr/${name}`, "--config_file", file, "--vty_port", "0", "--log", "stdout"],
    parked: false,
    after: [],
  };
});

/** Where they have their sockets. */
export const frrCommands: readonly string[] = ["install -d -o frr -g frr /run/frr /var/tmp/frr"];
