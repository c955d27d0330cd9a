// Checksums that are verified and updated under conditions only.
#include "include/data.p4"

control TestVerify(inout headers_t hdr, inout metadata_t meta) {
    apply {
        verify_checksum(hdr.data.a != 0, { hdr.data.a, hdr.data.b, hdr.data.d }, hdr.data.c, HashAlgorithm.csum16);
    }
}

control TestCompute(inout headers_t hdr, inout metadata_t meta) {
    apply {
        update_checksum(hdr.data.b == 1, { hdr.data.a, hdr.data.b, hdr.data.d }, hdr.data.c, HashAlgorithm.csum16);
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = standard_metadata.checksum_error == 1 ? 9w2 : 9w1;
        hdr.data.d = hdr.data.d + 1;
    }
}

V1Switch(DataParser(), TestVerify(), TestIngress(), NoEgress(), TestCompute(), EmitAll()) main;
