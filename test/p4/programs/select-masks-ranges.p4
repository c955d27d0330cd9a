// Masks, ranges, tuples and don't-cares in a select.
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
    bit<9> port;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.data);
        transition select(hdr.data.a, hdr.data.c) {
            (0x10 &&& 0xf0, _): masked;
            (3, 1000..1023): ranged;
            (5, 0x1234): exactly;
            (_, 7): low;
            default: accept;
        }
    }
    state masked { meta.port = 1; transition accept; }
    state ranged { meta.port = 2; transition accept; }
    state exactly { meta.port = 3; transition accept; }
    state low { meta.port = 4; transition reject; }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = meta.port;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
