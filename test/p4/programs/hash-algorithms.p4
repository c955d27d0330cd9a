// Each algorithm over the same six bytes.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        bit<16> small;
        bit<32> large;
        if (hdr.data.c == 1) {
            hash(large, HashAlgorithm.crc32, 32w0, { hdr.data.a, hdr.data.b, hdr.data.d }, 64w0x1_0000_0000);
            hdr.data.d = large;
        } else if (hdr.data.c == 2) {
            hash(small, HashAlgorithm.crc16, 16w0, { hdr.data.a, hdr.data.b, hdr.data.d }, 32w0x1_0000);
            hdr.data.d = (bit<32>)small;
        } else if (hdr.data.c == 3) {
            hash(small, HashAlgorithm.csum16, 16w0, { hdr.data.a, hdr.data.b, hdr.data.d }, 32w0x1_0000);
            hdr.data.d = (bit<32>)small;
        } else if (hdr.data.c == 4) {
            hash(small, HashAlgorithm.xor16, 16w0, { hdr.data.a, hdr.data.b, hdr.data.d }, 32w0x1_0000);
            hdr.data.d = (bit<32>)small;
        } else if (hdr.data.c == 5) {
            hash(large, HashAlgorithm.identity, 32w0, { hdr.data.a, hdr.data.b, hdr.data.a }, 32w0x100_0000);
            hdr.data.d = large;
        } else {
            // base + hash modulo max
            hash(large, HashAlgorithm.crc32, 32w100, { hdr.data.a, hdr.data.b, hdr.data.d }, 32w10);
            hdr.data.d = large;
        }
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
