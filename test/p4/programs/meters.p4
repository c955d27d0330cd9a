// Two rates and three colours, in packets; time fills the buckets again.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    meter(4, MeterType.packets) rate;
    apply {
        bit<8> color;
        rate.execute_meter((bit<32>)hdr.data.a, color);
        hdr.data.b = color;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
