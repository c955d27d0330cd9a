// Structs in structs, tuples, lists and records, as values and parameters.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

struct point_t {
    bit<8> x;
    bit<8> y;
}

struct line_t {
    point_t start;
    point_t end;
}

struct headers_t {
    ethernet_t ethernet;
    data_t data;
}

struct metadata_t {
    line_t line;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.data);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action place(in point_t p) {
        meta.line.end = p;
    }
    apply {
        point_t p = { 1, 2 };
        tuple<bit<8>, bool> t = { hdr.data.a, true };
        meta.line = { p, { y = 4, x = hdr.data.a } };
        p = { p.y, p.x };
        place(p);
        if (meta.line.start == p || t[1]) {
            hdr.data.b = t[0] + meta.line.end.x;
        }
        if (meta.line == { { 1, 2 }, p }) {
            standard_metadata.egress_spec = 2;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
