// A prefix beside an exact key: each value of the key has prefixes of its own.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action forward(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table flows {
        key = { hdr.data.d: lpm; hdr.data.a: exact; }
        actions = { forward; NoAction; }
        default_action = forward(9);
    }
    apply {
        flows.apply();
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
