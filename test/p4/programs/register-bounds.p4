// A cell that is not there: reads leave 0, writes have no effect.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    register<bit<32>>(2) cells;
    apply {
        bit<32> value = 7;
        cells.write((bit<32>)hdr.data.a, hdr.data.d);
        cells.read(value, (bit<32>)hdr.data.a);
        hdr.data.d = value;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
