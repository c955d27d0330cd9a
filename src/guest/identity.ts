/** A NIC of a node, and who it becomes. */
export interface PortIdentity {
  readonly slot: number;
  /** MAC that the NIC has in every machine before identity: how it is found. */
  readonly templateMac: string;
  readonly name: string;
  readonly mac: string;
  readonly mtu?: number;
  /** With prefix length: "10.0.0.1/24", "fd00::1/64". */
  readonly addresses: readonly string[];
  readonly up: boolean;
}

/**
 * Who a node is. It arrives after the machine is running, so that clones of one template become different nodes;
 * plain JSON.
 */
export interface Identity {
  readonly hostname: string;
  /** 32 lower-case hexadecimal digits (machine-id(5)). */
  readonly machineId: string;
  /** Fresh entropy for the kernel, at least 32 bytes: clones share their template's random state. */
  readonly seedBase64: string;
  /** Wall clock, milliseconds since the epoch. */
  readonly clockEpochMs: number;
  readonly ports: readonly PortIdentity[];
  readonly routes: readonly { readonly to: string; readonly via: string; readonly port: string }[];
  /** Kernel parameters by name (`net.ipv4.ip_forward`). */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Mount the data disk at /data. */
  readonly dataDisk: boolean;
  readonly ssh: {
    /** Private host key, OpenSSH format. */
    readonly hostKeyEd25519: string;
    /** A line of authorized_keys. */
    readonly authorizedKey: string;
  } | null;
  /** Lines of /etc/hosts: name to addresses. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  /** Environment of every command and service. */
  readonly env: Readonly<Record<string, string>>;
}
