// A default action that the control plane sets, and entries that it takes away.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action forward(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table flows {
        key = { hdr.data.a: exact; }
        actions = { forward; NoAction; }
        default_action = NoAction;
    }
    apply {
        flows.apply();
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
