// Shifts by as much as a packet says: past the width nothing is left, or only the sign.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.c = hdr.data.c << hdr.data.a;
        hdr.data.d = (bit<32>)((int<32>)hdr.data.d >> hdr.data.b);
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
