// Everything that is known before a packet comes.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

const int SIZE = 2 + 3 * 4 % 7 - 1;
const bit<8> LIMIT = 250;
const bit<(8 + 8)> WIDE = 16w0xabcd;
const int data_width = 64;

struct constant_point_t {
    bit<8> x;
    bit<8> y;
}

const constant_point_t POINT = { 1, 2 };

struct headers_t {
    ethernet_t ethernet;
    data_t data;
}

struct metadata_t {
    bit<12> field;
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
    const bit<8> LOCAL = LIMIT + 1;
    apply {
        if (SIZE > 3) {
            hdr.data.a = (bit<8>)(SIZE * 2) + LOCAL;
        } else {
            hdr.data.a = 99;
        }
        hdr.data.b = 8w255 + 8w3;
        hdr.data.c = (bit<16>)WIDE[11:4] ++ 8w0 == 24w0 ? 16w1 : 16w2;
        hdr.data.d = 32w0xffff_ffff |+| 1;
        meta.field = -1;
        hdr.data.c = (bit<16>)POINT.y << 4;
        standard_metadata.egress_spec = (hdr.data.minSizeInBits() + data_width) / 8;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
