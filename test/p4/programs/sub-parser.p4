// A parser that calls another one, twice.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

struct headers_t {
    ethernet_t ethernet;
    data_t outer;
    data_t inner;
}

struct metadata_t {
    bit<8> sum;
}

#include "include/pipeline.p4"

parser DataParser(packet_in packet, out data_t data, inout bit<8> sum)(bit<8> step) {
    state start {
        packet.extract(data);
        transition select(data.a) {
            0xff: reject;
            0x0f: more;
            default: accept;
        }
    }
    state more {
        sum = sum + step;
        packet.advance(8);
        transition accept;
    }
}

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    DataParser(3) data_parser;
    state start {
        packet.extract(hdr.ethernet);
        data_parser.apply(packet, hdr.outer, meta.sum);
        transition select(hdr.outer.a) {
            1: second;
            default: accept;
        }
    }
    state second {
        data_parser.apply(packet, hdr.inner, meta.sum);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = (bit<9>)meta.sum;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
