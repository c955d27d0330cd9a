// typedef, type, enumerations with and without values, casts between them.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

type bit<9> port_id_t;

enum bit<8> Kind {
    first = 1,
    second = 2,
    third = 3
}

enum Level {
    low,
    high
}

struct headers_t {
    ethernet_t ethernet;
    data_t data;
}

struct metadata_t {
    Level level;
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
    apply {
        port_id_t port = (port_id_t)hdr.data.c[8:0];
        Kind kind = (Kind)hdr.data.a;
        Level level = Level.low;
        bool flag = (bool)hdr.data.b[0:0];
        if (kind == Kind.second || hdr.data.a == Kind.third) {
            level = Level.high;
        }
        hdr.data.b = (bit<8>)(bit<1>)flag;
        hdr.data.a = kind;
        meta.level = level;
        if (meta.level == Level.high && port == (port_id_t)9w5) {
            standard_metadata.egress_spec = (bit<9>)port;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
