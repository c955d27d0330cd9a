import { type Body, header, rest } from "./body.ts";
import { bodyCodec } from "./body-codec.ts";
import type { Codec } from "./codec.ts";
import { bits, flag, named } from "./field.ts";

/** State of a BFD session (RFC 5880 section 4.1). */
export type BfdState = "admin-down" | "down" | "init" | "up";

/** Why a BFD session last went down (RFC 5880 section 4.1). */
export type BfdDiagnostic =
  | "none"
  | "control-detection-time-expired"
  | "echo-function-failed"
  | "neighbor-signaled-session-down"
  | "forwarding-plane-reset"
  | "path-down"
  | "concatenated-path-down"
  | "administratively-down"
  | "reverse-concatenated-path-down";

/** A control packet of bidirectional forwarding detection (RFC 5880 section 4.1), over UDP (RFC 5881, RFC 5883). */
export interface Bfd {
  readonly layer: "bfd";
  readonly version: number;
  readonly diagnostic: BfdDiagnostic | number;
  readonly state: BfdState | number;
  readonly poll: boolean;
  readonly final: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly demand: boolean;
  /** Reserved bit for sessions of more than two systems. */
  readonly multipoint: boolean;
  /** Packets in a row that may be missing. */
  readonly detectMultiplier: number;
  readonly myDiscriminator: number;
  /** Zero while it is not known. */
  readonly yourDiscriminator: number;
  /** Microseconds. */
  readonly desiredMinTx: number;
  /** Microseconds. */
  readonly requiredMinRx: number;
  /** Microseconds; zero: no echo packets. */
  readonly requiredMinEchoRx: number;
  /** The authentication section (RFC 5880 section 4.2 on), type and length included; absent if there is none. */
  readonly authentication?: Uint8Array;
}

/** The UDP port of BFD over one hop (RFC 5881). */
export const bfdPort = 3784;

/** The UDP port of BFD over several hops (RFC 5883). */
export const multihopBfdPort = 4784;

/** A BFD control packet: version 1, no flags, one second, three times unless said. */
export function bfd(fields: Partial<Bfd> & Pick<Bfd, "state" | "myDiscriminator">): Bfd {
  return {
    version: 1,
    diagnostic: "none",
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    demand: false,
    multipoint: false,
    detectMultiplier: 3,
    yourDiscriminator: 0,
    desiredMinTx: 1_000_000,
    requiredMinRx: 1_000_000,
    requiredMinEchoRx: 0,
    ...fields,
    layer: "bfd",
  };
}

type Values = Omit<Bfd, "layer">;

interface Fixed extends Omit<Values, "authentication"> {
  readonly isAuthenticated: boolean;
  readonly length: number;
}

const fixed = header<Fixed>({
  version: bits(3),
  diagnostic: named<BfdDiagnostic>(5, {
    none: 0,
    "control-detection-time-expired": 1,
    "echo-function-failed": 2,
    "neighbor-signaled-session-down": 3,
    "forwarding-plane-reset": 4,
    "path-down": 5,
    "concatenated-path-down": 6,
    "administratively-down": 7,
    "reverse-concatenated-path-down": 8,
  }),
  state: named<BfdState>(2, { "admin-down": 0, down: 1, init: 2, up: 3 }),
  poll: flag(),
  final: flag(),
  controlPlaneIndependent: flag(),
  isAuthenticated: flag(),
  demand: flag(),
  multipoint: flag(),
  detectMultiplier: bits(8),
  length: bits(8),
  myDiscriminator: bits(32),
  yourDiscriminator: bits(32),
  desiredMinTx: bits(32),
  requiredMinRx: bits(32),
  requiredMinEchoRx: bits(32),
});

const authenticationBody = rest("authentication");

const body: Body<Values> = {
  decode(bytes) {
    const decoded = fixed.decode(bytes);
    if (decoded === undefined) return undefined;
    const { isAuthenticated, length, ...values } = decoded.values;
    if (values.version !== 1 || length < fixed.size || length > bytes.length) return undefined;
    if (!isAuthenticated) return { values, length };
    const section = authenticationBody.decode(bytes.subarray(fixed.size, length));
    return { values: { ...values, ...section?.values }, length };
  },
  encode(values) {
    const { authentication } = values;
    const section = authentication ?? new Uint8Array();
    const begin = { ...values, isAuthenticated: authentication !== undefined, length: fixed.size + section.length };
    return Buffer.concat([fixed.encode(begin), section]);
  },
  faults({ authentication, ...values }) {
    const length = fixed.size + (authentication?.length ?? 0);
    return fixed.faults({ ...values, isAuthenticated: false, length });
  },
};

/** Reads and writes BFD control packets. */
export const bfdCodec: Codec<Bfd> = bodyCodec<Bfd>(
  {
    layer: "bfd",
    title: "BFD",
    carriedBy: [{ udpPort: bfdPort }, { udpPort: multihopBfdPort }],
    describe({ state, diagnostic, poll, final, myDiscriminator, yourDiscriminator }) {
      const flags = `${poll ? " poll" : ""}${final ? " final" : ""}`;
      const reason = diagnostic === "none" ? "" : ` (${String(diagnostic).replaceAll("-", " ")})`;
      return `BFD ${state}${flags}${reason} ${myDiscriminator} > ${yourDiscriminator}`;
    },
  },
  body,
);
