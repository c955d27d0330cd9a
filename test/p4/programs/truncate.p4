// The shortest of several cuts, and payload that is left alone.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = 1;
        truncate((bit<32>)hdr.data.c);
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        truncate(24);
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
