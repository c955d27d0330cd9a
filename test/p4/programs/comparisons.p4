// The same bits compared as unsigned and as signed numbers.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        bit<8> result = 0;
        if (hdr.data.a < hdr.data.b) { result = result | 1; }
        if ((int<8>)hdr.data.a < (int<8>)hdr.data.b) { result = result | 2; }
        if (hdr.data.a >= hdr.data.b) { result = result | 4; }
        if ((int<8>)hdr.data.a <= (int<8>)hdr.data.b) { result = result | 8; }
        if (hdr.data.a != hdr.data.b) { result = result | 16; }
        hdr.data.c = (bit<16>)result;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
