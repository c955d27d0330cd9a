// Looking at what comes, and skipping it.
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
    bit<8> first;
    data_t peeked;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        meta.first = packet.lookahead<bit<8>>() + 1;
        meta.peeked = packet.lookahead<data_t>();
        transition select(packet.lookahead<bit<16>>(), hdr.ethernet.type) {
            (0xff00, _): skip;
            (_, 0x0001): variable;
            default: parse_data;
        }
    }
    state skip {
        packet.advance(16);
        packet.extract<ethernet_t>(_);
        transition parse_data;
    }
    state variable {
        packet.advance((bit<32>)packet.lookahead<bit<8>>() << 3);
        transition parse_data;
    }
    state parse_data {
        packet.extract(hdr.data);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = (bit<9>)meta.first;
        if (meta.peeked.b == 2) {
            meta.first = hdr.data.a;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
