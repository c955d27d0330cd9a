// Controls inside of controls: parameters by direction, instances with tables of their own.
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
    bool hit;
}

#include "include/pipeline.p4"

control Adder(in bit<8> value, inout bit<8> total, out bool hit)(bit<8> step) {
    action add() {
        total = total + value + step;
    }
    table steps {
        key = { value: exact; }
        actions = { add; NoAction; }
    }
    apply {
        hit = steps.apply().hit;
        if (!hit) {
            return;
        }
        total = total << 1;
    }
}

control Swap(inout bit<8> x, inout bit<8> y) {
    apply {
        bit<8> kept = x;
        x = y;
        y = kept;
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
    Adder(5) five;
    Adder(7) seven;
    bit<8> total = 0;
    apply {
        five.apply(hdr.data.a, total, meta.hit);
        seven.apply(hdr.data.b + 1, total, meta.hit);
        Swap.apply(hdr.data.a, hdr.data.b);
        standard_metadata.egress_spec = (bit<9>)total;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
