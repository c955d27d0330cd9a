// Division and remainder, by constants and by what a packet holds.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a = hdr.data.a / 10;
        hdr.data.b = hdr.data.b % 8;
        hdr.data.d = hdr.data.d / (bit<32>)hdr.data.c;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
