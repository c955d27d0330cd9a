// A packet that ends too early: ingress sees the error and what had been read.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (standard_metadata.parser_error == error.PacketTooShort) {
            standard_metadata.egress_spec = hdr.ethernet.isValid() ? 9w2 : 9w3;
        } else {
            standard_metadata.egress_spec = hdr.data.isValid() ? 9w1 : 9w4;
        }
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
