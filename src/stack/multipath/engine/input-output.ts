/** A way to a destination. */
export interface MultipathPath {
  /** The interface's name; of the paths of a destination each has its own. */
  readonly interface: string;
  /** Link-local address of the neighbour. */
  readonly nextHop: string;
}

/** A destination whose paths are to be measured. */
export interface MultipathTarget {
  /** What the caller calls it, usually the prefix. */
  readonly destination: string;
  /** An address behind all its paths that answers probes; no two destinations have the same. */
  readonly probeAddress: string;
  readonly paths: readonly MultipathPath[];
}

/** What happens to the engine. */
export type MultipathInput =
  | {
      readonly kind: "targets";
      readonly targets: readonly MultipathTarget[];
    }
  /** All interfaces that can send, with their MAC addresses, 6 bytes. */
  | { readonly kind: "interfaces"; readonly macs: ReadonlyMap<string, Uint8Array> }
  /** The MAC addresses of next hops, as far as they are known; by {@link neighbourKey}. */
  | { readonly kind: "neighbours"; readonly macs: ReadonlyMap<string, Uint8Array> }
  /** This node's addresses: probes to them are answered. */
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  /** A frame arrived; the bytes are read before the engine returns. */
  | {
      readonly kind: "frame";
      readonly interface: string;
      readonly bytes: Uint8Array;
      readonly start: number;
      readonly length: number;
    }
  /** The moment came that {@link MultipathEngine.wakeMs} named. */
  | { readonly kind: "wake" };

/** What the engine wants done. */
export type MultipathOutput =
  | { readonly kind: "send"; readonly interface: string; readonly frame: Uint8Array }
  | { readonly kind: "weights"; readonly destination: string; readonly weights: PathWeights | undefined };

/** The weights of a destination's paths, by interface; undefined stands for equal ones. */
export type PathWeights = ReadonlyMap<string, number>;

/** Names a neighbour. */
export function neighbourKey({ interface: name, nextHop }: MultipathPath): string {
  return `${nextHop}%${name}`;
}

/** What is known of a path; delays in microseconds. */
export interface PathStatus extends MultipathPath {
  /** Smoothed; absent while it is not known. */
  readonly delayMicroseconds: number | undefined;
  /** Nothing comes back on it. */
  readonly silent: boolean;
  readonly weight: number;
  readonly probesSent: number;
  readonly probesAcknowledged: number;
  readonly probesLost: number;
  /** Acknowledged on another interface: they end a probe and say nothing about its path. */
  readonly probesStrayed: number;
}

/** What is known of a destination. */
export interface DestinationStatus {
  readonly destination: string;
  readonly probeAddress: string;
  readonly paths: readonly PathStatus[];
}
