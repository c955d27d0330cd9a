// A CRC whose polynomial the control plane sets.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        bit<16> result;
        hash(result, HashAlgorithm.crc16_custom, 16w0, { hdr.data.a, hdr.data.b, hdr.data.d }, 32w0x1_0000);
        hdr.data.c = result;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
