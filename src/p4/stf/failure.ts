import type { Span } from "../compiler/diagnostics/source-file.ts";
import { matches, type PacketPattern } from "./packet-pattern.ts";
import type { Statement } from "./statement.ts";
import type { SentPacket } from "./test-switch.ts";

/** Where a program did not do as a test expects. `span`: the statement that expected it, or that made the packet. */
export type Failure = { readonly span: Span | undefined } & (
  | { readonly kind: "mismatch"; readonly port: number; readonly pattern: PacketPattern; readonly found: SentPacket }
  | { readonly kind: "missing"; readonly port: number; readonly pattern: PacketPattern | undefined }
  | { readonly kind: "unexpected"; readonly port: number; readonly found: SentPacket }
  | { readonly kind: "value"; readonly what: string; readonly expected: string; readonly found: string }
);

/**
 * What was sent against what was expected: packets of one port in order, ports independent of each other. A port that the
 * test names sends nothing else; what goes to other ports is not looked at.
 */
export function compareSent(statements: readonly Statement[], sent: readonly SentPacket[]): readonly Failure[] {
  const ports = new Set(statements.flatMap((statement) => ("port" in statement ? [statement.port] : [])));
  return [...ports].flatMap((port) => {
    const expected = statements.filter((statement) => statement.kind === "expect" && statement.port === port);
    const found = sent.filter((packet) => packet.port === port);
    return Array.from({ length: Math.max(expected.length, found.length) }, (_, at) =>
      compare(port, expected[at], found[at]),
    ).filter((failure) => failure !== undefined);
  });
}

function compare(port: number, expected: Statement | undefined, found: SentPacket | undefined): Failure | undefined {
  if (expected?.kind !== "expect") {
    return found === undefined ? undefined : { kind: "unexpected", span: found.cause, port, found };
  }
  const { pattern, span } = expected;
  if (found === undefined) return { kind: "missing", span, port, pattern };
  if (pattern === undefined || matches(pattern, found.bytes)) return undefined;
  return { kind: "mismatch", span, port, pattern, found };
}
