// Numbers of 128 bits: sums that carry, comparisons, slices, masks.
#include "include/ethernet.p4"

header wide_t {
    bit<128> x;
    bit<128> y;
}

struct headers_t {
    ethernet_t ethernet;
    wide_t     wide;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.wide);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = hdr.wide.x > hdr.wide.y ? 9w1 : 9w2;
        bit<128> sum = hdr.wide.x + hdr.wide.y;
        hdr.wide.y = (hdr.wide.x & hdr.wide.y) ^ (hdr.wide.x >> 64);
        hdr.wide.x = sum;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
