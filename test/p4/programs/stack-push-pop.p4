// Pushing and popping more than fits; size and index of the last element.
#include "include/ethernet.p4"

header item_t {
    bit<8> value;
}

header info_t {
    bit<8> operation;
    bit<8> size;
}

struct headers_t {
    ethernet_t ethernet;
    info_t     info;
    item_t[3]  items;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.info);
        packet.extract(hdr.items.next);
        packet.extract(hdr.items.next);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.info.size = (bit<8>)hdr.items.size;
        if (hdr.info.operation == 1) {
            hdr.items.push_front(2);
            hdr.items[0].setValid();
            hdr.items[0].value = 0xee;
        } else if (hdr.info.operation == 2) {
            hdr.items.pop_front(5);
        } else if (hdr.info.operation == 3) {
            hdr.items.pop_front(1);
        }
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
