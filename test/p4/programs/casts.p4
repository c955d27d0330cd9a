// Casts: cut off, filled with zeros, filled with the sign, between numbers and bools.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        int<8> narrow = (int<8>)hdr.data.a;
        hdr.data.c = (bit<16>)(int<16>)narrow;
        hdr.data.d = (bit<32>)hdr.data.b;
        bool odd = (bool)hdr.data.b[0:0];
        hdr.data.b = (bit<8>)hdr.data.c;
        standard_metadata.egress_spec = (bit<9>)(bit<1>)odd;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
