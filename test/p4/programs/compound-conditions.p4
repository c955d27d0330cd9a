// Boolean values in fields, parameters, keys and results.
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
    bool on;
    bool off;
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
    action mark(bool on, bit<8> value) {
        meta.on = on && hdr.data.a != value;
        meta.off = !on;
    }
    table marks {
        key = { meta.on: exact; hdr.data.a > 3: exact @name("large"); }
        actions = { mark; NoAction; }
        const entries = {
            (true, false): mark(true, 3);
            (false, true): mark(false, 4);
        }
    }
    apply {
        meta.on = hdr.data.a == 1;
        marks.apply();
        if (meta.on == meta.off || (meta.on && !meta.off)) {
            standard_metadata.egress_spec = 2;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
