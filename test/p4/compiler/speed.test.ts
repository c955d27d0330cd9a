import { expect, it } from "vitest";
import { compiled } from "./compile-program.ts";

/** A program of about 1500 lines: many headers, states, actions and tables. */
function longProgram(parts: number): string {
  const indices = Array.from({ length: parts }, (_, index) => index);
  const headers = indices.map((index) => `header h${index}_t {\n    bit<16> type;\n    bit<48> a;\n    int<32> b;\n}`);
  const fields = indices.map((index) => `    h${index}_t h${index};`);
  const states = indices.map(
    (index) => `    state parse_${index} {
        packet.extract(hdr.h${index});
        transition select(hdr.h${index}.type) {
            ${index}: parse_${Math.min(index + 1, parts - 1)};
            0x100 &&& 0xff00: accept;
            default: accept;
        }
    }`,
  );
  const tables = indices.map(
    (index) => `    action act_${index}(bit<48> value, bit<9> port) {
        hdr.h${index}.a = value ^ (hdr.h${index}.a << 3);
        hdr.h${index}.b = hdr.h${index}.b - 1;
        standard.egress_spec = port;
    }
    table table_${index} {
        key = {
            hdr.h${index}.a: ternary;
            hdr.h${index}.type: exact;
        }
        actions = {
            act_${index};
            NoAction;
        }
        size = 64;
    }`,
  );
  const applies = indices.map(
    (index) => `        if (hdr.h${index}.isValid() && hdr.h${index}.a != 0) {
            table_${index}.apply();
        }`,
  );
  return `#include <v1model.p4>
${headers.join("\n")}
struct headers_t {
${fields.join("\n")}
}
struct metadata_t { bit<8> x; }
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    state start { transition parse_0; }
${states.join("\n")}
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
${tables.join("\n")}
    apply {
${applies.join("\n")}
    }
}
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { packet.emit(hdr); } }
V1Switch(P(), C(), I(), E(), C(), D()) main;
`;
}

it("a program of 1500 lines compiles in time that fits its length", { timeout: 120_000 }, () => {
  const text = longProgram(46);
  expect(text.split("\n").length).toBeGreaterThan(1500);
  const started = process.cpuUsage();
  compiled(text);
  // Processor time, so that a busy machine does not matter; it takes a fraction of a second, and cubic work thousands of times that.
  const { user } = process.cpuUsage(started);
  expect(user / 1000).toBeLessThan(20_000);
});
