// Sums and differences that stop at the ends of their type.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a = hdr.data.a |+| hdr.data.b;
        hdr.data.b = hdr.data.b |-| 100;
        hdr.data.c = (bit<16>)((int<16>)hdr.data.c |+| 32767);
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
