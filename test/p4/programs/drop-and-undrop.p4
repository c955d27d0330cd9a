// Dropping is a port like others: what is said last holds.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        mark_to_drop(standard_metadata);
        if (hdr.data.a == 1) {
            standard_metadata.egress_spec = 2;
        } else if (hdr.data.a == 2) {
            standard_metadata.egress_spec = 511;
        } else if (hdr.data.a == 3) {
            standard_metadata.mcast_grp = 1;
        } else if (hdr.data.a == 4) {
            standard_metadata.mcast_grp = 1;
            mark_to_drop(standard_metadata);
        }
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
