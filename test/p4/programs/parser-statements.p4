// Variables, conditions and a loop in a parser.
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
    bit<8> rounds;
    bool big;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    bit<8> left = 3;
    state start {
        packet.extract(hdr.ethernet);
        transition round;
    }
    state round {
        meta.rounds = meta.rounds + 1;
        left = left - 1;
        if (left == 1) {
            packet.advance(8);
        } else if (left == 0) {
            meta.rounds = meta.rounds + 16;
        }
        meta.big = left > 2;
        transition select(left, meta.big) {
            (0, _): last;
            (_, true): last;
            default: round;
        }
    }
    state last {
        packet.extract(hdr.data);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = (bit<9>)meta.rounds;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
