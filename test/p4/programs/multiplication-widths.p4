// Products wrap in their own width, and do not in a wider one.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.d = (bit<32>)hdr.data.c * (bit<32>)hdr.data.c;
        hdr.data.c = hdr.data.c * hdr.data.c;
        hdr.data.a = hdr.data.a * 3;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
