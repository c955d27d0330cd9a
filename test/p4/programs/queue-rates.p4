// A port that lets out few packets a second: the others wait, or are dropped when too many wait.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = 1;
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.b = (bit<8>)standard_metadata.enq_qdepth;
        hdr.data.d = standard_metadata.deq_timedelta >> 10;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
