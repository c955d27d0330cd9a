// A packet that starts over unchanged, with what the list keeps.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (standard_metadata.instance_type == 0) {
            meta.kept = hdr.data.d + 1;
            hdr.data.a = 0xff;
            resubmit_preserving_field_list(1);
        } else {
            hdr.data.d = meta.kept;
            hdr.data.b = (bit<8>)standard_metadata.instance_type;
            standard_metadata.egress_spec = 1;
        }
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
