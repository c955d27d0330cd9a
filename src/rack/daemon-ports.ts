/** Where opted listens in every sled: a UNIX socket. */
export const optedSocket = "/run/kestrel/opted.sock";

/** Where sled-agent listens in every sled: at the sled's address of the underlay. */
export const sledAgentPort = 12_221;

/** Where mgd listens for nexus on every switch with uplinks: at the switch's address of the underlay. */
export const mgdAgentPort = 12_222;

/** Where nexus reaches the name servers: at their sleds' addresses of the underlay. */
export const dnsdAdminPort = 12_231;

/** Where the other daemons listen in every node. */
export const daemonPorts = {
  nexusd: { address: "::1", port: 12_220 },
  p4switch: { address: "127.0.0.1", port: 9090 },
  dpd: { address: "::1", port: 12_224 },
  tfportd: { address: "::1", port: 12_225 },
  lldpd: { address: "::1", port: 12_230 },
  mgd: { address: "::1", port: 4676 },
  ddmd: { address: "::1", port: 8000 },
} as const satisfies Readonly<Record<string, { readonly address: string; readonly port: number }>>;
