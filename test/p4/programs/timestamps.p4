// Time passes between packets, and none within one.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    register<bit<48>>(1) last;
    apply {
        bit<48> before;
        last.read(before, 0);
        last.write(0, standard_metadata.ingress_global_timestamp);
        // Milliseconds, roughly, since the packet before.
        hdr.data.d = (bit<32>)((standard_metadata.ingress_global_timestamp - before) >> 10);
        standard_metadata.egress_spec = 1;
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a = standard_metadata.egress_global_timestamp == standard_metadata.ingress_global_timestamp ? 8w1 : 8w2;
        hdr.data.b = (bit<8>)standard_metadata.deq_timedelta;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
