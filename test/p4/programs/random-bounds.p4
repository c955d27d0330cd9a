// Dice: always within their bounds, both included.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        bit<8> dice;
        random(dice, 8w5, 8w5);
        hdr.data.a = dice;
        random(dice, 8w0, hdr.data.b);
        standard_metadata.egress_spec = dice <= hdr.data.b ? 9w1 : 9w2;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
