// Actions that call others, with what they were given.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action add(inout bit<8> value, in bit<8> by) {
        value = value + by;
    }
    action twice(inout bit<8> value, in bit<8> by) {
        add(value, by);
        add(value, by);
    }
    action forward(bit<9> port, bit<8> by) {
        twice(hdr.data.a, by);
        twice(hdr.data.b, hdr.data.a);
        standard_metadata.egress_spec = port;
    }
    table flows {
        key = { hdr.data.c: exact; }
        actions = { forward; NoAction; }
    }
    apply {
        flows.apply();
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
