// Conditions in conditions, with and without else.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (hdr.data.a > 10) {
            if (hdr.data.b > 10) {
                standard_metadata.egress_spec = 1;
            } else if (hdr.data.b > 5) {
                standard_metadata.egress_spec = 2;
            }
        } else {
            if (hdr.data.c == 0) {
                standard_metadata.egress_spec = 3;
            } else {
                standard_metadata.egress_spec = 4;
            }
        }
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
