// A stack that is full: parsing ends with StackOutOfBounds.
#include "include/ethernet.p4"

header label_t {
    bit<7> value;
    bit<1> last;
}

struct headers_t {
    ethernet_t ethernet;
    label_t[2] labels;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        transition label;
    }
    state label {
        packet.extract(hdr.labels.next);
        transition select(hdr.labels.last.last) {
            0: label;
            1: accept;
        }
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = standard_metadata.parser_error == error.StackOutOfBounds ? 9w2 : 9w1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
