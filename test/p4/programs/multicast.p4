// Copies to the ports of a group, each with the number of its node.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.mcast_grp = (bit<16>)hdr.data.a;
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.b = (bit<8>)standard_metadata.egress_rid;
        hdr.data.c = (bit<16>)standard_metadata.egress_port;
        hdr.data.d = standard_metadata.instance_type;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
