import type { Dns } from "../../packet/index.ts";
import { messageBytes, queryFault, refusal } from "./engine/answer.ts";
import { guestName, guestRecords, type GuestVpc } from "./engine/guest-view.ts";
import type { NameAnswer, NameQuestion } from "./engine/resolver.ts";

/** Bytes of a message that a guest takes which does not say more (RFC 1035 section 4.2.1). */
const plainMessageBytes = 512;
/** Of a record at most, with its name shortened to a pointer: an address of IPv6, or a name. */
const recordBytes = { address: 28, other: 280 };

/** What a guest is told to a query, and `ask` knows what the servers say. */
export async function answerGuest(
  query: Dns,
  vpc: GuestVpc,
  ask: (question: NameQuestion) => Promise<NameAnswer>,
): Promise<Dns> {
  const fault = queryFault(query);
  const [question] = query.questions;
  if (fault !== undefined || question === undefined) return refusal(query, fault ?? "format-error");
  const { name, type } = question;
  const asked = guestName(name, vpc);
  if (asked.kind === "outside") return refusal(query, "refused");
  if (asked.kind === "absent") return { ...refusal(query, "name-error"), recursionAvailable: true };
  const { rcode, records } = await ask({ name: asked.name, type });
  const answers = guestRecords(records, name, vpc);
  const fitting = answers.slice(0, room(query));
  const truncated = fitting.length < answers.length;
  return { ...refusal(query, rcode), recursionAvailable: true, truncated, answers: fitting };
}

/** How many records of the largest kind fit into a message that the guest takes. */
function room({ additionals, questions }: Dns): number {
  const opt = additionals.find((record) => record.type === "OPT");
  const size =
    opt === undefined ? plainMessageBytes : Math.min(messageBytes, Math.max(plainMessageBytes, opt.udpPayloadSize));
  const [question] = questions;
  const isAddress = question?.type === "A" || question?.type === "AAAA";
  const used = 12 + 11 + (question?.name.length ?? 0) + 6;
  return Math.max(1, Math.floor((size - used) / (isAddress ? recordBytes.address : recordBytes.other)));
}
