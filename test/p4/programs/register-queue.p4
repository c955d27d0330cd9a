// A ring of registers: each packet leaves its number and takes what lay there.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    register<bit<32>>(4) ring;
    register<bit<8>>(1) next;
    apply {
        bit<8> slot;
        bit<32> old;
        next.read(slot, 0);
        next.write(0, (slot + 1) & 3);
        ring.read(old, (bit<32>)slot);
        ring.write((bit<32>)slot, hdr.data.d);
        hdr.data.a = slot;
        hdr.data.d = old;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
