// One of two values, one in the other.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a = hdr.data.b == 0 ? 8w1 : hdr.data.b == 1 ? 8w2 : 8w3;
        hdr.data.c = (hdr.data.b > 5 ? hdr.data.c : 16w7) + 1;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
