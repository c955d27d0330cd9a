import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";

const interfaceName = z.string().regex(/^[^\s/]{1,15}$/, "expected the name of a network interface");
const mtu = z.int().min(1280).max(65_000);
const tcpPort = z.int().min(0).max(65_535);
const addressSchema = z.strictObject({ host: z.string(), port: tcpPort });

/** What tfportd reads from `/etc/kestrel/tfportd.json`. */
export const tfportConfiguration = z.strictObject({
  /** The end of the veth pair that tfportd holds; the switch's port 0 is the other one. The pair is made if it is not there. */
  cpuInterface: interfaceName.default("cpu1"),
  switchInterface: interfaceName.default("cpu0"),
  /** Where dpd listens. */
  dpd: addressSchema.default({ host: "::1", port: 12_224 }),
  /** Where tfportd's own API listens: a loopback address. */
  listen: addressSchema.default({ host: "::1", port: 12_225 }),
  /**
   * Source addresses of the ICMP errors that the switch sends: addresses of the switch that its neighbours have a route to.
   * A switch without an IPv4 address signs with the dummy one (RFC 7600).
   */
  icmpSource: z.strictObject({
    ipv6: z.string().refine(isIPv6, "expected an IPv6 address"),
    ipv4: z.string().refine(isIPv4, "expected an IPv4 address").default("192.0.0.8"),
  }),
  /** MTU of the ports' interfaces, bytes; the longest of them. */
  mtu: mtu.default(9000),
  /** Those of ports that differ, by port id. */
  mtus: z.record(z.string(), mtu).default({}),
  /** The NIC whose carrier a port's interface follows, by port id; a port that is not listed has a NIC of its own name. */
  nics: z.record(z.string(), interfaceName).default({}),
});

/** A configuration of tfportd with every default filled in. */
export type TfportConfiguration = z.output<typeof tfportConfiguration>;
