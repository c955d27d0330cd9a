// Minus, complement and not.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a = -hdr.data.a;
        hdr.data.b = ~hdr.data.b;
        bool small = hdr.data.c < 10;
        standard_metadata.egress_spec = !small ? 9w1 : 9w2;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
