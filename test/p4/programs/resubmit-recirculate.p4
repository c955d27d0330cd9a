// Starting a packet over, before and after it was changed.
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
    @field_list(0)
    bit<8> round;
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
        if (standard_metadata.instance_type == 0) {
            meta.round = 1;
            resubmit_preserving_field_list(0);
        } else if (standard_metadata.instance_type == 6) {
            standard_metadata.egress_spec = 3;
        } else {
            standard_metadata.egress_spec = 4;
        }
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (meta.round == 1 && hdr.data.a > 0) {
            hdr.data.a = hdr.data.a - 1;
            recirculate_preserving_field_list(0);
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
