// Leaving early: controls, actions, nested controls with copies to bring back.
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

control Inner(inout bit<16> first, in bit<16> second) {
    apply {
        first = second + 1;
        if (second == 3) {
            exit;
        }
        first = first + second;
    }
}

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.data);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action stop(bit<9> port) {
        standard_metadata.egress_spec = port;
        if (port == 5) {
            exit;
        }
        standard_metadata.egress_spec = port + 1;
        return;
    }
    table stops {
        key = { hdr.data.a: exact; }
        actions = { stop; NoAction; }
    }
    Inner() inner;
    apply {
        stops.apply();
        if (hdr.data.b == 1) {
            return;
        }
        inner.apply(hdr.data.c, hdr.data.c);
        hdr.data.b = 77;
        if (hdr.data.a == 9) {
            exit;
        }
        hdr.data.a = 55;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
