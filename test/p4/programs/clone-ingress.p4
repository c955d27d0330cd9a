// A copy of the packet as it came, while the packet itself is changed.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = 1;
        meta.kept = hdr.data.d + 1;
        clone_preserving_field_list(CloneType.I2E, 9, 1);
        hdr.data.a = 0xff;
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (standard_metadata.instance_type == 1) {
            hdr.data.d = meta.kept;
            hdr.data.b = (bit<8>)standard_metadata.ingress_port;
        }
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
