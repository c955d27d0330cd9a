// Counters and meters of entries, and entries that age.
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
    bit<8> color;
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
    direct_counter(CounterType.packets_and_bytes) hits;
    direct_meter<bit<8>>(MeterType.bytes) rate;
    action forward(bit<9> port) {
        hits.count();
        rate.read(meta.color);
        standard_metadata.egress_spec = port;
    }
    action refuse() {
        hits.count();
        mark_to_drop(standard_metadata);
    }
    table flows {
        key = { hdr.ethernet.src: exact; }
        actions = { forward; refuse; NoAction; }
        counters = hits;
        meters = rate;
        support_timeout = true;
        default_action = refuse();
    }
    apply {
        flows.apply();
        if (meta.color == 2) {
            mark_to_drop(standard_metadata);
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
