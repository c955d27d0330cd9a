// A packet that goes round until its counter is 0, changed each time.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = (bit<9>)(standard_metadata.instance_type + 1);
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (hdr.data.a != 0) {
            hdr.data.a = hdr.data.a - 1;
            hdr.data.d = hdr.data.d + 10;
            recirculate_preserving_field_list(1);
        }
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
