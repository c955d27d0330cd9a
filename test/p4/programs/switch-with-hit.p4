// A switch in a condition on whether its table matched.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action low() { hdr.data.b = 1; }
    action high() { hdr.data.b = 2; }
    table levels {
        key = { hdr.data.a: range; }
        actions = { low; high; NoAction; }
        const entries = {
            0..9: low();
            200..255: high();
        }
    }
    table marked {
        key = { hdr.data.c: exact; }
        actions = { NoAction; }
        const entries = { 7: NoAction(); }
    }
    apply {
        if (marked.apply().hit) {
            switch (levels.apply().action_run) {
                low: { standard_metadata.egress_spec = 1; }
                high: { standard_metadata.egress_spec = 2; }
                default: { standard_metadata.egress_spec = 3; }
            }
        } else {
            standard_metadata.egress_spec = 4;
        }
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
