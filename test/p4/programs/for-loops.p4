// Loops over constant bounds, over ranges and lists, with break and continue.
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
    bit<8> sum;
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
    action sum_bits() {
        hdr.data.b = 0;
        for (bit<8> i = 0; i < 8; i = i + 1) {
            if ((hdr.data.a & (8w1 << i)) != 0) {
                hdr.data.b = hdr.data.b + 1;
            }
        }
    }
    apply {
        sum_bits();
        for (bit<16> i in 1..10) {
            if (i == 5) {
                continue;
            }
            if (hdr.data.c == i) {
                standard_metadata.egress_spec = 6;
                break;
            }
            hdr.data.d = hdr.data.d + (bit<32>)i;
        }
        for (bit<8> x in { hdr.data.a, hdr.data.b, 8w4 }) {
            meta.sum += x;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
