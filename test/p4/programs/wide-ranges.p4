// Ranges of 32 bits, with both of their ends, and one in another.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action forward(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table flows {
        key = { hdr.data.d: range; }
        actions = { forward; NoAction; }
        default_action = NoAction;
    }
    apply {
        flows.apply();
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
