// Conditions that apply tables, and operators that must not do so twice.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

struct headers_t {
    ethernet_t ethernet;
    data_t data;
}

struct metadata_t {
    bit<8> unused;
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
    action forward(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table first { key = { hdr.data.a: exact; } actions = { forward; NoAction; } }
    table second { key = { hdr.data.b: exact; } actions = { forward; NoAction; } }
    table third { key = { hdr.data.c: exact; } actions = { forward; NoAction; } }
    table fourth { key = { hdr.data.d: exact; } actions = { forward; NoAction; } }
    apply {
        if (!first.apply().hit) {
            hdr.data.a = 1;
        }
        if (hdr.data.a == 1 && second.apply().miss) {
            hdr.data.b = 2;
        }
        bool both = hdr.data.b == 2 || third.apply().hit;
        hdr.data.c = both ? 16w1 : 16w2;
        if (fourth.apply().miss) {
            hdr.data.d = hdr.data.a == 1 ? 32w5 : (hdr.data.b == 1 ? 32w6 : hdr.data.d);
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
