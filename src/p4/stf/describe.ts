import { codeFrame } from "../compiler/diagnostics/code-frame.ts";
import { explain, parse } from "../../packet/index.ts";
import type { Failure } from "./failure.ts";
import { nearestPacket, type PacketPattern, patternText } from "./packet-pattern.ts";

const bytesPerLine = 16;

/** A failure as a person reads it: place and what happened, the line of the test, both packets side by side. */
export function describeFailure(failure: Failure): string {
  const { span } = failure;
  if (span === undefined) return [message(failure), ...details(failure)].join("\n");
  const { line, column } = span.file.position(span.start);
  return [`${span.file.name}:${line}:${column}: ${message(failure)}`, codeFrame(span), ...details(failure)].join("\n");
}

/** A failure for programs. */
export function failureJson(failure: Failure): Readonly<Record<string, unknown>> {
  const place = failure.span?.file.position(failure.span.start);
  const at = {
    kind: failure.kind,
    line: place?.line ?? null,
    column: place?.column ?? null,
    message: message(failure),
  };
  switch (failure.kind) {
    case "mismatch":
      return {
        ...at,
        port: failure.port,
        expected: patternText(failure.pattern),
        found: hexadecimal(failure.found.bytes),
      };
    case "missing":
      return {
        ...at,
        port: failure.port,
        expected: failure.pattern === undefined ? null : patternText(failure.pattern),
        found: null,
      };
    case "unexpected":
      return { ...at, port: failure.port, expected: null, found: hexadecimal(failure.found.bytes) };
    case "value":
      return { ...at, expected: failure.expected, found: failure.found };
  }
}

function message(failure: Failure): string {
  switch (failure.kind) {
    case "mismatch":
      return `another packet left by port ${failure.port}`;
    case "missing":
      return `no packet left by port ${failure.port}`;
    case "unexpected":
      return `a packet left by port ${failure.port} that nothing here expects`;
    case "value":
      return `${failure.what}: expected ${failure.expected}, found ${failure.found}`;
  }
}

function details(failure: Failure): readonly string[] {
  switch (failure.kind) {
    case "mismatch":
      return sideBySide(failure.pattern, failure.found.bytes);
    case "unexpected":
      return [...explain(parse(failure.found.bytes)).split("\n"), ...dump(failure.found.bytes)].map(indented);
    case "missing":
    case "value":
      return [];
  }
}

/** Expected and found, field by field and byte by byte; lines that differ are marked. */
function sideBySide(pattern: PacketPattern, found: Uint8Array): readonly string[] {
  const expected = nearestPacket(pattern, found);
  const rows = [
    ...paired(explain(parse(expected)).split("\n"), explain(parse(found)).split("\n")),
    ...paired(patternDump(pattern), dump(found)),
  ];
  const width = Math.max(...rows.map(({ left }) => left.length));
  return rows.map(({ left, right, differ }) => `  ${differ ? "≠" : " "} ${left.padEnd(width)}   ${right}`.trimEnd());
}

interface Row {
  readonly left: string;
  readonly right: string;
  readonly differ: boolean;
}

function paired(left: readonly string[], right: readonly string[]): readonly Row[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => {
    const [one = "", other = ""] = [left[at], right[at]];
    return { left: one, right: other, differ: !agrees(one, other) };
  });
}

/** Whether two lines are the same where the left one has no `*` and is not left open by `…`. */
function agrees(left: string, right: string): boolean {
  const open = left.endsWith("…");
  const written = open ? left.slice(0, -1).trimEnd() : left;
  if (open ? right.length < written.length : right.length !== written.length) return false;
  return Array.from(written).every((character, at) => character === "*" || character === right[at]);
}

function patternDump({ nibbles, complete }: PacketPattern): readonly string[] {
  const digits = nibbles.map((nibble) => nibble?.toString(16) ?? "*");
  return dumpLines([...digits, ...(complete ? [] : ["…"])].join(""));
}

function dump(bytes: Uint8Array): readonly string[] {
  return dumpLines(hexadecimal(bytes));
}

function dumpLines(digits: string): readonly string[] {
  return Array.from({ length: Math.ceil(digits.length / (bytesPerLine * 2)) }, (_, at) => {
    const line = digits.slice(at * bytesPerLine * 2, (at + 1) * bytesPerLine * 2);
    const offset = (at * bytesPerLine).toString(16).padStart(4, "0");
    return `${offset}  ${line.replaceAll(/..(?=.)/g, "$& ")}`;
  });
}

function hexadecimal(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

function indented(line: string): string {
  return `    ${line}`;
}
