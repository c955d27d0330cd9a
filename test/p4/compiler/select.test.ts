import fc from "fast-check";
import { expect, it } from "vitest";
import { compiled, part, parts, state } from "./compile-program.ts";

type Element =
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "mask"; readonly value: number; readonly mask: number }
  | { readonly kind: "range"; readonly low: number; readonly high: number }
  | { readonly kind: "any" };

const keyWidths = [5, 8, 11] as const;

function text(element: Element): string {
  switch (element.kind) {
    case "value":
      return String(element.value);
    case "mask":
      return `${element.value} &&& ${element.mask}`;
    case "range":
      return `${element.low}..${element.high}`;
    case "any":
      return "_";
  }
}

function matches(element: Element, value: number): boolean {
  switch (element.kind) {
    case "value":
      return element.value === value;
    case "mask":
      return (element.value & element.mask) === (value & element.mask);
    case "range":
      return element.low <= value && value <= element.high;
    case "any":
      return true;
  }
}

function elementOf(width: number): fc.Arbitrary<Element> {
  const number = fc.oneof(fc.nat(2 ** width - 1), fc.constantFrom(0, 1, 2 ** width - 1));
  return fc.oneof(
    number.map((value) => ({ kind: "value" as const, value })),
    fc.tuple(number, number).map(([value, mask]) => ({ kind: "mask" as const, value, mask })),
    fc.tuple(number, number).map(([a, b]) => ({ kind: "range" as const, low: Math.min(a, b), high: Math.max(a, b) })),
    fc.constant({ kind: "any" as const }),
  );
}

const cases = fc.array(fc.tuple(...keyWidths.map(elementOf)), { minLength: 1, maxLength: 6 });

function program(rows: readonly (readonly Element[])[]): string {
  const fields = keyWidths.map((width, index) => `bit<${width}> k${index};`).join(" ");
  const keys = keyWidths.map((_, index) => `hdr.h.k${index}`).join(", ");
  const lines = rows.map((row, index) => `(${row.map(text).join(", ")}): s${index};`).join("\n");
  const states = rows.map((_, index) => `state s${index} { transition accept; }`).join("\n");
  return `#include <v1model.p4>
header h_t { ${fields} }
struct headers_t { h_t h; }
struct metadata_t { bit<8> x; }
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
state start { packet.extract(hdr.h); transition select(${keys}) {
${lines}
} }
${states}
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { packet.emit(hdr); } }
V1Switch(P(), C(), I(), I(), C(), D()) main;
`;
}

/** The state that BMv2 goes to: the first transition that matches the keys, each in whole bytes. */
function nextState(json: unknown, values: readonly number[]): unknown {
  const key = values.reduce(
    (joined, value, index) => (joined << BigInt((keyWidths[index] ?? 0) > 8 ? 16 : 8)) | BigInt(value),
    0n,
  );
  const transitions = parts(json, "parsers", 0, "parse_states", "start", "transitions");
  const isHit = (transition: unknown): boolean => {
    const { type, value, mask } = transition as { type: string; value: string; mask: string | null };
    if (type !== "hexstr") return false;
    const bits = mask === null ? -1n : BigInt(mask);
    return (key & bits) === (BigInt(value) & bits);
  };
  const found = transitions.find(isHit) ?? transitions.find((each) => part(each, "type") === "default");
  return (found as { next_state: unknown }).next_state;
}

it("a select goes where the first case leads that its keys are in, or to no match", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      cases,
      fc.array(fc.tuple(...keyWidths.map((width) => fc.nat(2 ** width - 1))), { minLength: 30, maxLength: 30 }),
      (rows, samples) => {
        const json = compiled(program(rows));
        expect(state(json, "start", "transition_key")).toHaveLength(keyWidths.length);
        // Values at the edges of the cases, besides random ones.
        const edges = rows.map((row) =>
          row.map((element) => (element.kind === "range" ? element.high : element.kind === "any" ? 0 : element.value)),
        );
        for (const values of [...samples, ...edges]) {
          const index = rows.findIndex((row) => row.every((element, at) => matches(element, values[at] ?? 0)));
          expect(nextState(json, values)).toBe(index < 0 ? "no_match" : `s${index}`);
        }
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});
