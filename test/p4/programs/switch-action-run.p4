// Going on by the action that a table ran.
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
    bit<8> unused;
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
    action a() { }
    action b(bit<8> value) {
        hdr.data.b = value;
    }
    action c() { }
    table decide {
        key = { hdr.data.a: exact; }
        actions = { a; b; c; NoAction; }
    }
    apply {
        switch (decide.apply().action_run) {
            a: {
                standard_metadata.egress_spec = 1;
            }
            b:
            c: {
                standard_metadata.egress_spec = 2;
            }
            default: {
                standard_metadata.egress_spec = 3;
            }
        }
        hdr.data.c = 9;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
