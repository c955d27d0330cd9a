// Functions: values, out parameters, early returns, one inside the other, generic ones.
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

bit<8> largest(in bit<8> x, in bit<8> y) {
    if (x > y) {
        return x;
    }
    return y;
}

bit<16> halve(in bit<16> value, out bit<8> low) {
    low = value[7:0];
    return value >> 1;
}

T pick<T>(in bool first, in T x, in T y) {
    return first ? x : y;
}

void note(inout bit<32> where) {
    where = where | 1;
    return;
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
    apply {
        bit<8> quotient;
        bit<8> most = largest(hdr.data.a, largest(hdr.data.b, 3));
        hdr.data.c = halve(hdr.data.c, quotient);
        hdr.data.a = most;
        hdr.data.b = pick(hdr.data.a > 10, quotient, most);
        note(hdr.data.d);
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
