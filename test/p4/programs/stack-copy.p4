// Whole stacks as values, and elements of one in another.
#include "include/ethernet.p4"

header item_t {
    bit<8> value;
}

struct headers_t {
    ethernet_t ethernet;
    item_t[2]  first;
    item_t[2]  second;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.first.next);
        packet.extract(hdr.second.next);
        packet.extract(hdr.second.next);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        item_t kept = hdr.second[1];
        hdr.second = hdr.first;
        hdr.first[1] = kept;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
