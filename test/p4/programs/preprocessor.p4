// Macros, conditionals and included files.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

#define TABLE_SIZE (1 << 5)
#define SET(where, what) where = what
#define MAX(x, y) ((x) > (y) ? (x) : (y))
#define PASTE(a, b) a ## b
#define TEXT(x) #x
#define GONE 1
#undef GONE
#ifndef GONE
#define STILL_HERE
#endif

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
    action PASTE(set_, port)(bit<9> port) {
        SET(standard_metadata.egress_spec, port);
    }
    table ports {
        key = { hdr.data.a: exact; }
        actions = { set_port; NoAction; }
        size = TABLE_SIZE;
    }
    apply {
#if defined(FAST) && TABLE_SIZE > 100
        hdr.data.b = 1;
#elif TABLE_SIZE == 32 && !defined FAST
        ports.apply();
#else
#error this is never read
#endif
#ifdef FAST
        this is not P4
#endif
        hdr.data.c = MAX(16w3, hdr.data.c);
        log_msg(TEXT(a b));
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
