// A CRC of 32 bits whose polynomial the control plane sets.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        bit<32> result;
        hash(result, HashAlgorithm.crc32_custom, 32w0, { hdr.data.a, hdr.data.b, hdr.data.d }, 64w0x1_0000_0000);
        hdr.ethernet.dst = (bit<48>)result;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
