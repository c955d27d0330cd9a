// Conditions in an action, also one in the other.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action classify() {
        if (hdr.data.a < 10) {
            hdr.data.b = 1;
            if (hdr.data.c == 7) {
                hdr.data.b = 2;
            }
        } else {
            hdr.data.b = 3;
        }
        hdr.data.d = hdr.data.d + 1;
    }
    apply {
        classify();
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
