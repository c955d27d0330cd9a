// Signed, wrapping and saturating arithmetic, shifts of all kinds.
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
    apply {
        int<8> x = (int<8>)hdr.data.a;
        int<8> y = (int<8>)hdr.data.b;
        int<16> wide = (int<16>)x;
        x = x - y;
        x = -x;
        x = x |-| y;
        y = ~y >> 1;
        wide = wide << 2;
        hdr.data.a = (bit<8>)x;
        hdr.data.b = hdr.data.b |+| 200;
        hdr.data.c = hdr.data.c * 3 - hdr.data.c / 7 + hdr.data.c % 5;
        hdr.data.d = hdr.data.d << hdr.data.b;
        hdr.data.d = hdr.data.d >> hdr.data.c;
        hdr.data.c = (bit<16>)wide;
        standard_metadata.egress_spec = x < y ? 9w1 : 9w2;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
