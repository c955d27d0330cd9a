// Which operator binds more.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a = 2 + hdr.data.a * 3;
        hdr.data.b = hdr.data.b & 0x0f | 0x80;
        hdr.data.c = 16w1 << 2 + (bit<16>)hdr.data.a[1:0];
        standard_metadata.egress_spec = hdr.data.a == 8 && hdr.data.b != 0 || hdr.data.c == 0 ? 9w1 : 9w2;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
