// A session that leads to a multicast group.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = 1;
        clone(CloneType.I2E, 5);
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.b = (bit<8>)standard_metadata.egress_rid;
        hdr.data.c = (bit<16>)standard_metadata.instance_type;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
