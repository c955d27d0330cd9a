// Actions with parameters of all directions, called directly and by tables.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

struct headers_t {
    ethernet_t ethernet;
    data_t data;
}

struct metadata_t {
    bit<8> before;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.data);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action bump(inout bit<8> value, in bit<8> by, out bit<8> before, bit<8> extra) {
        before = value;
        value = value + by + extra;
    }
    action set_port(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table bumps {
        key = { hdr.data.c: exact; }
        actions = { bump(hdr.data.a, hdr.data.b, meta.before); set_port; }
        default_action = bump(hdr.data.a, hdr.data.b, meta.before, 3);
    }
    apply {
        set_port(4);
        bumps.apply();
        bump(hdr.data.a, hdr.data.a, hdr.data.b, 1);
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
