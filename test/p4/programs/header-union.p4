// A union of two options, one of which a packet has.
#include "include/ethernet.p4"

header short_t {
    bit<8> tag;
    bit<8> value;
}

header long_t {
    bit<8>  tag;
    bit<24> value;
}

header_union option_t {
    short_t small;
    long_t  big;
}

struct headers_t {
    ethernet_t ethernet;
    option_t option;
}

struct metadata_t {
    bit<24> value;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        transition select(packet.lookahead<bit<8>>()) {
            1: parse_small;
            2: parse_big;
            default: accept;
        }
    }
    state parse_small {
        packet.extract(hdr.option.small);
        transition accept;
    }
    state parse_big {
        packet.extract(hdr.option.big);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = 1;
        if (hdr.option.small.isValid()) {
            meta.value = (bit<24>)hdr.option.small.value;
            hdr.option.big.setValid();
            hdr.option.big = { 2, meta.value };
        } else if (!hdr.option.isValid()) {
            standard_metadata.egress_spec = 2;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
