import { z } from "zod";

/**
 * What nexus wants a name server to know: the body of `PUT /v1/desired-state` at dnsd. It is everything; what is not in it
 * has no name.
 */

const text = z.string();

/** The names of one VPC. */
export const vpcNames = z.strictObject({
  vni: z.int(),
  /** One for each NIC of an instance, the primary first: the instance's name, its subnet's, and the NIC's addresses. */
  hosts: z.array(z.strictObject({ name: text, subnet: text, addresses: z.array(text) })),
});

/** Where a service of the racks is answered. */
export const serviceNames = z.strictObject({
  /** Of the service, as in `_NAME._tcp`. */
  name: text,
  protocol: z.enum(["tcp", "udp"]),
  instances: z.array(z.strictObject({ host: text, address: text, port: z.int() })),
});

/** All of it. */
export const directoryState = z.strictObject({
  /** Grows with each change; a server refuses an older one than it has. */
  generation: z.int().min(1),
  vpcs: z.array(vpcNames),
  services: z.array(serviceNames),
});
export type DirectoryState = z.output<typeof directoryState>;

/** What a name server answers to a desired state, and to `GET /v1/report`: the generation that it answers by, 0 for none. */
export const directoryReport = z.object({ generation: z.int().min(0), faults: z.array(text).default([]) });
export type DirectoryReport = z.output<typeof directoryReport>;
