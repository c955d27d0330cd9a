// The place of a result is found before the value is worked out: calls may change an index.
#include "include/ethernet.p4"

header item_t {
    bit<8> value;
}

struct headers_t {
    ethernet_t ethernet;
    item_t[3] items;
}

struct metadata_t {
    bit<8> index;
}

#include "include/pipeline.p4"

bit<8> next(inout bit<8> index) {
    index = index + 1;
    return 0x70 + index;
}

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.items.next);
        packet.extract(hdr.items.next);
        packet.extract(hdr.items.next);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action store(inout bit<8> place) {
        meta.index = 2;
        place = 0x55;
    }
    apply {
        meta.index = 0;
        hdr.items[meta.index].value = next(meta.index);
        store(hdr.items[meta.index].value);
        hdr.items[2].value = hdr.items[2].value + next(meta.index) + meta.index;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
