// Values of entries of 1, 9, 48 and 64 bits.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action fill(bit<1> low, bit<9> port, bit<48> mac, bit<64> all) {
        hdr.ethernet.src = mac;
        hdr.data.a = all[63:56];
        hdr.data.b = all[55:48];
        hdr.data.c = all[47:32];
        hdr.data.d = all[31:0];
        hdr.data.d[0:0] = low;
        standard_metadata.egress_spec = port;
    }
    table flows {
        key = { hdr.data.a: exact; }
        actions = { fill; NoAction; }
    }
    apply {
        flows.apply();
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
