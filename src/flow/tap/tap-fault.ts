import { closest } from "fastest-levenshtein";
import { KestrelError } from "../../error/kestrel-error.ts";
import type { Guest } from "../../guest/index.ts";

/** What a tap was asked to record, and what was heard of it. */
export interface TapAttempt {
  readonly guest: Guest;
  /** Of the tap. */
  readonly name: string;
  readonly interfaceName: string;
  readonly filter: string | undefined;
  readonly namespace: string | undefined;
  /** Standard error of tcpdump. */
  readonly words: string;
  /** How tcpdump ended; undefined when it has not. */
  readonly ended: string | undefined;
}

/** Why a tap did not come to be, as one error that a person can act on. */
export async function tapFault({
  guest,
  name,
  interfaceName,
  filter,
  namespace,
  words,
  ended,
}: TapAttempt): Promise<KestrelError> {
  const fault = { kind: "input", step: "tap an interface", subject: name } as const;
  const lastWords = words.trimEnd().split("\n").slice(-5);
  if (ended === undefined)
    return new KestrelError({ ...fault, kind: "flow", found: "no word of tcpdump in time", lastWords });
  const refused = /^tcpdump: (.+)$/m.exec(words)?.[1];
  if (filter !== undefined && refused !== undefined && /filter|syntax error/.test(refused))
    return new KestrelError({ ...fault, expected: "a filter of pcap-filter(7)", found: `${filter}: ${refused}` });
  const inside = namespace === undefined ? [] : ["ip", "netns", "exec", namespace];
  const { stdout } = await guest.exec([...inside, "ls", "/sys/class/net"]);
  const known = stdout.split("\n").filter((line) => line !== "");
  if (known.length === 0 || known.includes(interfaceName))
    return new KestrelError({ ...fault, found: refused ?? ended, lastWords });
  return new KestrelError({
    ...fault,
    expected: `an interface of ${guest.node}: ${known.join(", ")}`,
    found: "no such interface",
    hint: `did you mean ${JSON.stringify(closest(interfaceName, known))}?`,
  });
}
