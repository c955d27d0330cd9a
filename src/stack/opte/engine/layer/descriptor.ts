import type { Transform } from "./transform.ts";

/**
 * What a stateful action decided for a flow, with the resources that it holds. One lies in both halves of an LFT pair.
 */
export interface Descriptor {
  /** Transforms of the two directions; none where nothing changes. */
  readonly outbound: Transform | undefined;
  readonly inbound: Transform | undefined;
  /** What the guest's own port or echo id becomes on the way out, and what it is again on the way in; -1: as it is. */
  readonly outboundPort: number;
  readonly inboundPort: number;
  /** The packets that it applies to are marked `external-ip-applied`. */
  readonly appliesExternalIp: boolean;
  /** As dumps print it. */
  readonly text: string;
  /** Whether it may go on after the rules changed softly. */
  isValid(): boolean;
  /** Give back what it holds; called once, when its entry dies. */
  release(): void;
  /** What has to be kept of it when the port moves. */
  save(): SavedDescriptor;
}

/** A descriptor as JSON. */
export interface SavedDescriptor {
  readonly kind: "one-to-one" | "snat";
  readonly external: string;
  readonly private: string;
  /** SNAT: the guest's own port or echo id, and the external one. */
  readonly guestPort?: number;
  readonly port?: number;
  readonly protocol?: number;
}
