// Values that the control plane gives to a parser.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

struct pair_t {
    bit<8>  a;
    bit<16> c;
}

struct headers_t {
    ethernet_t ethernet;
    data_t data;
}

struct metadata_t {
    bit<9> port;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    value_set<bit<16>>(4) types;
    value_set<pair_t>(8) pairs;
    state start {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.type) {
            types: parse_data;
            0x1234: parse_data;
            default: accept;
        }
    }
    state parse_data {
        packet.extract(hdr.data);
        transition select(hdr.data.a, hdr.data.c) {
            pairs: chosen;
            default: accept;
        }
    }
    state chosen {
        meta.port = 7;
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = meta.port;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
