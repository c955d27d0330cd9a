// A tag that is put on or taken off: lengths and order follow.
#include "include/ethernet.p4"

header tag_t {
    bit<16> id;
    bit<16> type;
}

struct headers_t {
    ethernet_t ethernet;
    tag_t      tag;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.type) {
            0x8100: tag;
            default: accept;
        }
    }
    state tag {
        packet.extract(hdr.tag);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = 1;
        if (hdr.tag.isValid()) {
            hdr.ethernet.type = hdr.tag.type;
            hdr.tag.setInvalid();
        } else {
            hdr.tag.setValid();
            hdr.tag.id = 7;
            hdr.tag.type = hdr.ethernet.type;
            hdr.ethernet.type = 0x8100;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
