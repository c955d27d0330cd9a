// Headers in structs in structs: moved as a whole, as tunnels need it.
#include "include/ethernet.p4"

header outer_t {
    bit<8> kind;
}

header text_t {
    bit<16> text;
}

struct layer_t {
    outer_t outer;
    text_t  text;
}

struct headers_t {
    ethernet_t ethernet;
    layer_t    now;
    layer_t    below;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.now.outer);
        transition select(hdr.now.outer.kind) {
            1: text;
            default: accept;
        }
    }
    state text {
        packet.extract(hdr.now.text);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.below = hdr.now;
        hdr.now.outer.kind = 7;
        hdr.now.text.setInvalid();
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
