// Tags of two kinds in one stack, and the type behind them.
#include "include/ethernet.p4"

header vlan_t {
    bit<3>  priority;
    bit<1>  drop_eligible;
    bit<12> id;
    bit<16> type;
}

struct headers_t {
    ethernet_t ethernet;
    vlan_t[2]  vlans;
}

struct metadata_t {
    bit<16> type;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        meta.type = hdr.ethernet.type;
        transition select(hdr.ethernet.type) {
            0x8100: tag;
            0x88a8: tag;
            default: accept;
        }
    }
    state tag {
        packet.extract(hdr.vlans.next);
        meta.type = hdr.vlans.last.type;
        transition select(hdr.vlans.last.type) {
            0x8100: tag;
            default: accept;
        }
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = hdr.vlans[1].isValid() ? 9w3 : hdr.vlans[0].isValid() ? 9w2 : 9w1;
        // The outer tag goes, the inner one stays.
        if (hdr.vlans[0].isValid()) {
            hdr.ethernet.type = hdr.vlans[0].type;
            hdr.vlans.pop_front(1);
        }
        if (meta.type == 0x0800) {
            hdr.ethernet.dst = 0x0800;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
