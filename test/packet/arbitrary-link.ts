import fc from "fast-check";
import {
  bfd,
  type Bfd,
  type BfdDiagnostic,
  type BfdState,
  type Layer,
  lldp,
  type LldpCapability,
  type LldpTlv,
} from "../../src/packet/index.ts";
import { bits, bytes, ipv4Address, ipv6Address, lengths, mac } from "./arbitrary-field.ts";

/** Any BFD control packet. */
export const anyBfd: fc.Arbitrary<Bfd> = fc
  .record(
    {
      diagnostic: fc.constantFrom<BfdDiagnostic | number>("none", "path-down", 31),
      state: fc.constantFrom<BfdState>("admin-down", "down", "init", "up"),
      poll: fc.boolean(),
      final: fc.boolean(),
      controlPlaneIndependent: fc.boolean(),
      demand: fc.boolean(),
      multipoint: fc.boolean(),
      detectMultiplier: bits(8),
      myDiscriminator: bits(32),
      yourDiscriminator: bits(32),
      desiredMinTx: bits(32),
      requiredMinRx: bits(32),
      requiredMinEchoRx: bits(32),
      authentication: lengths(1, 2, 20),
    },
    { requiredKeys: ["state", "myDiscriminator"] },
  )
  .map(bfd);

const text = fc.string({ unit: "grapheme", maxLength: 20 });
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const ipAddress = fc.oneof(ipv4Address, ipv6Address);
const capabilityNames: LldpCapability[] = ["reserved-15", "s-vlan", "router", "bridge", "other"];
const capabilities = fc.subarray(capabilityNames);

const tlv: fc.Arbitrary<LldpTlv> = fc.oneof(
  fc.record({
    tlv: fc.constant("chassis-id"),
    subtype: fc.constantFrom("chassis-component", "interface-name", "local"),
    id: name,
  }),
  fc.record({ tlv: fc.constant("chassis-id"), subtype: fc.constant("mac-address"), id: mac }),
  fc.record({ tlv: fc.constant("chassis-id"), subtype: fc.constant("network-address"), id: ipAddress }),
  fc.record({ tlv: fc.constant("port-id"), subtype: fc.constantFrom("interface-alias", "port-component"), id: name }),
  fc.record({ tlv: fc.constant("port-id"), subtype: fc.constant("agent-circuit-id"), id: lengths(1, 1, 8) }),
  fc.record({ tlv: fc.constant("port-id"), subtype: fc.constant(0), id: bytes(3) }),
  fc.record({ tlv: fc.constant("time-to-live"), seconds: bits(16) }),
  fc.record({ tlv: fc.constantFrom("port-description", "system-description"), description: text }),
  fc.record({ tlv: fc.constant("system-name"), name: text }),
  fc.record({ tlv: fc.constant("system-capabilities"), supported: capabilities, enabled: capabilities }),
  fc.record({
    tlv: fc.constant("management-address"),
    address: ipAddress,
    numbering: fc.constantFrom<"unknown" | "interface-index" | number>("unknown", "interface-index", 9),
    interfaceNumber: bits(32),
    objectIdentifier: lengths(1, 0, 6),
  }),
  fc.record({ tlv: fc.constant("organization"), oui: bytes(3), subtype: bits(8), data: lengths(1, 0, 20) }),
  fc.record({ tlv: fc.constant("unknown"), type: fc.constantFrom(9, 126), data: lengths(1, 0, 300) }),
);

/** Any LLDP data unit. */
export const anyLldp: fc.Arbitrary<Layer[]> = fc.array(tlv, { maxLength: 8 }).map((tlvs) => [lldp({ tlvs })]);
