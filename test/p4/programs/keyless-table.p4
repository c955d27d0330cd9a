// Tables without keys, and default actions that cannot change.
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
    bool odd;
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
    action set(bit<8> value, bool odd) {
        hdr.data.a = value;
        meta.odd = odd;
    }
    table open {
        actions = { set; NoAction; }
        default_action = set(7, true);
    }
    table fixed {
        key = { }
        actions = { set; }
        const default_action = set(8, false);
    }
    @name("renamed") table named {
        key = { meta.odd: exact; }
        actions = { set; @name("hidden") NoAction; }
        size = 2;
    }
    apply {
        open.apply();
        fixed.apply();
        named.apply();
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
