// What one table writes is the key of the next.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action set_next(bit<32> value) {
        meta.kept = value;
    }
    action forward(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table first {
        key = { hdr.data.a: exact; }
        actions = { set_next; }
        default_action = set_next(99);
    }
    table second {
        key = { meta.kept: exact; }
        actions = { forward; NoAction; }
        const entries = {
            10: forward(1);
            20: forward(2);
            99: forward(3);
        }
    }
    apply {
        first.apply();
        second.apply();
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
