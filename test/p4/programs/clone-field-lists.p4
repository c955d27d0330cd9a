// Copies of packets, and which metadata they keep.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

struct inner_t {
    @field_list(1, 2)
    bit<16> also;
    bit<8>  gone;
}

struct headers_t {
    ethernet_t ethernet;
    data_t data;
}

struct metadata_t {
    @field_list(1)
    bit<8>  kept;
    inner_t inner;
    bit<8>  lost;
    @field_list(2)
    inner_t whole;
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
        meta.kept = 7;
        meta.inner.also = hdr.data.c;
        clone_preserving_field_list(CloneType.I2E, 5, 1);
        if (hdr.data.b == 1) {
            clone(CloneType.I2E, (bit<32>)hdr.data.a);
        }
        standard_metadata.egress_spec = 1;
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (standard_metadata.instance_type == 1) {
            hdr.data.a = meta.kept;
            hdr.data.c = meta.inner.also;
        } else if (standard_metadata.instance_type == 0) {
            clone_preserving_field_list(CloneType.E2E, 6, 2);
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
