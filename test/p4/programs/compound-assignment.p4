// Operators that assign: += -= *= &= |= ^= <<= >>= and the saturating ones.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a += 3;
        hdr.data.a -= 1;
        hdr.data.a |+|= 250;
        hdr.data.b <<= 4;
        hdr.data.b |= 1;
        hdr.data.c &= 0x0ff0;
        hdr.data.c ^= 0xffff;
        hdr.data.d *= 3;
        hdr.data.d >>= 1;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
