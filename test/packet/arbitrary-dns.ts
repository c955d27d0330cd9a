import fc from "fast-check";
import { dns, type Dns, type DnsClass, type DnsOpt, type DnsRecord, type DnsType } from "../../src/packet/index.ts";
import { bits, ipv4Address, ipv6Address, lengths } from "./arbitrary-field.ts";

// Few labels, so that names share their ends.
const label = fc.constantFrom("a", "www", "example", "Example", "x\\.y", "\\\\", "\\000\\255", "l".repeat(63));

/** Any name, with labels of any bytes; the root too. */
export const domainName: fc.Arbitrary<string> = fc
  .array(label, { maxLength: 3 })
  .map((labels) => (labels.length === 0 ? "." : labels.join(".")));

const dnsClass = fc.constantFrom<DnsClass>("IN", "CH", "ANY", 254);

const question = fc.record({
  name: domainName,
  type: fc.constantFrom<DnsType>("A", "AAAA", "SRV", "ANY", 65),
  class: dnsClass,
});

const owned = { name: domainName, class: dnsClass, ttl: bits(32) };
const strings = fc.array(fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constant(Uint8Array.of(0xff))), {
  maxLength: 3,
});

const record: fc.Arbitrary<DnsRecord> = fc.oneof(
  fc.record({ ...owned, type: fc.constant("A"), address: ipv4Address }),
  fc.record({ ...owned, type: fc.constant("AAAA"), address: ipv6Address }),
  fc.record({ ...owned, type: fc.constantFrom("NS", "CNAME", "PTR"), target: domainName }) as fc.Arbitrary<DnsRecord>,
  fc.record({
    ...owned,
    type: fc.constant("SOA"),
    primary: domainName,
    mailbox: domainName,
    serial: bits(32),
    refresh: bits(32),
    retry: bits(32),
    expire: bits(32),
    minimum: bits(32),
  }),
  fc.record({ ...owned, type: fc.constant("MX"), preference: bits(16), exchange: domainName }),
  fc.record({ ...owned, type: fc.constant("TXT"), strings }),
  fc.record({
    ...owned,
    type: fc.constant("SRV"),
    priority: bits(16),
    weight: bits(16),
    port: bits(16),
    target: domainName,
  }),
  fc.record({ ...owned, type: fc.constantFrom(65, 257), data: lengths(1, 0, 12) }),
);

const opt: fc.Arbitrary<DnsOpt> = fc.record({
  type: fc.constant("OPT"),
  udpPayloadSize: bits(16),
  extendedRcode: bits(8),
  version: bits(8),
  dnssecOk: fc.boolean(),
  options: fc.array(fc.record({ option: fc.constant("unknown"), type: bits(16), data: lengths(1, 0, 8) }), {
    maxLength: 2,
  }),
});

const records = fc.array(record, { maxLength: 3 });

/** Any DNS message whose names are shortened as far as they can be. */
export const anyDns: fc.Arbitrary<Dns> = fc
  .record({
    id: bits(16),
    response: fc.boolean(),
    opcode: fc.constantFrom<Dns["opcode"]>("query", "notify", 9),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    recursionDesired: fc.boolean(),
    recursionAvailable: fc.boolean(),
    authenticData: fc.boolean(),
    checkingDisabled: fc.boolean(),
    rcode: fc.constantFrom<Dns["rcode"]>("no-error", "name-error", 15),
    questions: fc.array(question, { maxLength: 2 }),
    answers: records,
    authorities: records,
    additionals: fc
      .tuple(records, fc.option(opt, { nil: undefined }))
      .map(([list, last]) => [...list, ...(last ? [last] : [])]),
  })
  .map(dns);
