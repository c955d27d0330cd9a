// MPLS labels: a parser that fills a stack, and push, pop and fixed indices in ingress.
#include "include/ethernet.p4"

header mpls_t {
    bit<20> label;
    bit<3>  class;
    bit<1>  bottom;
    bit<8>  ttl;
}

struct headers_t {
    ethernet_t ethernet;
    mpls_t[4] mpls;
}

struct metadata_t {
    bit<32> depth;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        transition select(hdr.ethernet.type) {
            0x8847: parse_mpls;
            default: accept;
        }
    }
    state parse_mpls {
        packet.extract(hdr.mpls.next);
        meta.depth = hdr.mpls.lastIndex + 1;
        transition select(hdr.mpls.last.bottom) {
            0: parse_mpls;
            1: accept;
        }
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action push_label(bit<20> label) {
        hdr.mpls.push_front(1);
        hdr.mpls[0].setValid();
        hdr.mpls[0] = { label, 0, hdr.mpls[1].isValid() ? 1w0 : 1w1, 64 };
    }
    action pop_label() {
        hdr.mpls.pop_front(1);
    }
    table labels {
        key = { hdr.mpls[0].label: exact; }
        actions = { push_label; pop_label; NoAction; }
    }
    apply {
        standard_metadata.egress_spec = 1;
        labels.apply();
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
