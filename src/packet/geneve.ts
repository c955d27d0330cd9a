import { header } from "./body.ts";
import type { Codec } from "./codec.ts";
import { repeated } from "./compound-body.ts";
import { bits, flag, spare } from "./field.ts";
import { type GeneveOption, geneveOption, isCriticalOption } from "./geneve-option.ts";

/** Generic network virtualization encapsulation (RFC 8926), carried by UDP to port {@link genevePort}. */
export interface Geneve {
  readonly layer: "geneve";
  /** The packet is a message to the tunnel's end itself. */
  readonly control: boolean;
  /** Some option must be understood. Left out: whether one of `options` is critical. */
  readonly critical?: boolean;
  /** Six spare bits; absent if zero. */
  readonly reserved?: number;
  /** EtherType of what is carried. Left out: that of the next layer, 0x6558 for Ethernet. */
  readonly protocolType?: number;
  /** Virtual network identifier, 24 bits. */
  readonly vni: number;
  /** Spare byte after the VNI; absent if zero. */
  readonly reservedByte?: number;
  readonly options: readonly GeneveOption[];
}

/** The UDP port of Geneve. */
export const genevePort = 6081;

/** A Geneve header; no options and no control message unless said. */
export function geneve(fields: Partial<Geneve> & Pick<Geneve, "vni">): Geneve {
  return { control: false, options: [], ...fields, layer: "geneve" };
}

interface Fixed extends Omit<Geneve, "layer" | "options"> {
  readonly version: number;
  /** Of the options, in units of 4 bytes. */
  readonly optionsLength: number;
}

const fixed = header<Fixed>({
  version: bits(2),
  optionsLength: bits(6),
  control: flag(),
  critical: flag(),
  reserved: spare(6),
  protocolType: bits(16),
  vni: bits(24),
  reservedByte: spare(8),
});

const optionsBody = repeated("options", geneveOption);

/** Reads and writes Geneve headers. */
export const geneveCodec: Codec<Geneve> = {
  layer: "geneve",
  title: "Geneve",
  carriedBy: [{ udpPort: genevePort }],
  decode(bytes) {
    const decoded = fixed.decode(bytes);
    if (decoded === undefined) return `expected at least ${fixed.size} bytes, found ${bytes.length}`;
    const { version, optionsLength, ...values } = decoded.values;
    const headerLength = fixed.size + optionsLength * 4;
    if (version !== 0) return `expected version 0, found ${version}`;
    if (headerLength > bytes.length) return `expected ${headerLength} bytes, found ${bytes.length}`;
    const options = optionsBody.decode(bytes.subarray(fixed.size, headerLength))?.values.options ?? [];
    return {
      layer: { layer: "geneve", ...values, options },
      headerLength,
      next: [{ space: "etherType", number: values.protocolType ?? 0 }],
    };
  },
  derive: ({ options }, { nextNumber }) => ({
    critical: options.some(isCriticalOption),
    protocolType: nextNumber("etherType"),
  }),
  encode(layer) {
    const options = optionsBody.encode(layer);
    return Buffer.concat([fixed.encode({ ...layer, version: 0, optionsLength: options.length / 4 }), options]);
  },
  faults(layer) {
    const faults = [...fixed.faults({ ...layer, version: 0, optionsLength: 0 }), ...optionsBody.faults(layer)];
    if (faults.length > 0) return faults;
    const length = optionsBody.encode(layer).length;
    return length > 252 ? [`options: expected at most 252 bytes, found ${length}`] : [];
  },
  describe({ vni, options, critical }) {
    const names = options.map(optionText).join(", ");
    const isCritical = critical ?? options.some(isCriticalOption);
    return `Geneve VNI ${vni}${names === "" ? "" : ` (${names})`}${isCritical ? " critical" : ""}`;
  },
};

function optionText(option: GeneveOption): string {
  switch (option.option) {
    case "external":
      return "external";
    case "multicast":
      return `multicast ${option.replication}`;
    case "maximum-segment-size":
      return `MSS ${option.size}`;
    case "unknown":
      return `option 0x${option.class.toString(16).padStart(4, "0")}/0x${option.type.toString(16).padStart(2, "0")}`;
    case "unreadable":
      return "unreadable options";
  }
}
