// And, or, exclusive or, on fields and constants in all bases.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a = hdr.data.a & 0b1111_0000;
        hdr.data.b = hdr.data.b | 0o17;
        hdr.data.c = hdr.data.c ^ 0xff_00;
        hdr.data.d = (hdr.data.d & 0xffff) | ((bit<32>)hdr.data.a << 24);
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
