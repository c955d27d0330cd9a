import { dns, type Dns, type DnsRecord } from "../../../packet/index.ts";
import { type Directory, ttls } from "./directory.ts";
import { isWithin, servedZone } from "./names.ts";

/** Bytes of a message that always pass: what fits into the smallest IPv6 packet (RFC 9715). */
export const messageBytes = 1232;

/** A response to a query that says no more than its code. */
export function refusal(query: Dns, rcode: Dns["rcode"]): Dns {
  const { id, opcode, recursionDesired, questions } = query;
  return dns({ id, response: true, opcode, recursionDesired, questions, rcode, additionals: extension(query) });
}

/** Why a query is not looked at further; undefined if it is one question about the internet. */
export function queryFault({ response, opcode, questions }: Dns): Dns["rcode"] | undefined {
  const [question, ...more] = questions;
  if (response || question === undefined || more.length > 0) return "format-error";
  if (opcode !== "query") return "not-implemented";
  return question.class === "IN" ? undefined : "refused";
}

/** What a server says to a query (RFC 1035); what is in no zone of it is refused. */
export function answerOf(directory: Directory, query: Dns): Dns {
  const fault = queryFault(query);
  const [question] = query.questions;
  if (fault !== undefined || question === undefined) return refusal(query, fault ?? "format-error");
  if (!isWithin(question.name.toLowerCase(), servedZone)) return refusal(query, "refused");
  const { rcode, records } = directory.lookup(question.name, String(question.type));
  const said = { authoritative: true, answers: records, authorities: records.length === 0 ? [authority] : [] };
  return { ...refusal(query, rcode), ...said };
}

/** Says for how long something is not there (RFC 2308). */
const authority: DnsRecord = {
  ...{ name: servedZone, class: "IN", ttl: ttls.absence, type: "SOA" },
  ...{ primary: `dns.services.${servedZone}`, mailbox: `hostmaster.${servedZone}` },
  ...{ serial: 1, refresh: 3600, retry: 600, expire: 86_400, minimum: ttls.absence },
};

/** Who speaks the extension mechanism is answered in it (RFC 6891 section 6.1.1). */
function extension({ additionals }: Dns): readonly DnsRecord[] {
  if (!additionals.some(({ type }) => type === "OPT")) return [];
  return [{ type: "OPT", udpPayloadSize: messageBytes, extendedRcode: 0, version: 0, dnssecOk: false, options: [] }];
}
