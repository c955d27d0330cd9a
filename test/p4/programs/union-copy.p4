// Unions as values: a copy has the member that the original has.
#include "include/ethernet.p4"

header small_t {
    bit<8> tag;
    bit<8> value;
}

header big_t {
    bit<8>  tag;
    bit<24> value;
}

header_union option_t {
    small_t small;
    big_t   big;
}

struct headers_t {
    ethernet_t ethernet;
    option_t   first;
    option_t   second;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        transition select(packet.lookahead<bit<8>>()) {
            1: small;
            2: big;
            default: accept;
        }
    }
    state small {
        packet.extract(hdr.first.small);
        transition accept;
    }
    state big {
        packet.extract(hdr.first.big);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.second = hdr.first;
        standard_metadata.egress_spec = hdr.second.isValid() ? 9w1 : 9w2;
        if (hdr.second.big.isValid()) {
            hdr.second.big.value = hdr.second.big.value + 1;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
