// Six exact keys, all of which count.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action forward(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table flows {
        key = { hdr.data.a: exact; hdr.data.b: exact; hdr.data.c: exact; hdr.data.d: exact; hdr.ethernet.src: exact; standard_metadata.ingress_port: exact; }
        actions = { forward; NoAction; }
        default_action = forward(9);
    }
    apply {
        flows.apply();
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
