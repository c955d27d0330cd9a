// A copy of the packet as it leaves.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = 1;
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (standard_metadata.instance_type == 0) {
            hdr.data.a = hdr.data.a + 1;
            clone(CloneType.E2E, 9);
        } else {
            hdr.data.b = (bit<8>)standard_metadata.instance_type;
            hdr.data.c = (bit<16>)standard_metadata.egress_port;
        }
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
