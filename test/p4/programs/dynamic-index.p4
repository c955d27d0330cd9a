// Elements of a stack that are chosen at run time.
#include "include/ethernet.p4"

header item_t {
    bit<8> kind;
    bit<8> value;
}

header select_t {
    bit<8> index;
}

struct headers_t {
    ethernet_t ethernet;
    select_t choice;
    item_t[3] items;
}

struct metadata_t {
    bit<8> copy;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.choice);
        packet.extract(hdr.items.next);
        packet.extract(hdr.items.next);
        hdr.items.last.value = hdr.items.last.kind + 1;
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        bit<8> i = hdr.choice.index;
        meta.copy = hdr.items[i].value;
        hdr.items[i].value = meta.copy + 1;
        if (hdr.items[i + 1].isValid()) {
            hdr.items[i + 1].setInvalid();
        }
        hdr.items[hdr.choice.index] = hdr.items[0];
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
