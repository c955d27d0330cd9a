// Pushing to and popping from a stack of unions.
#include "include/ethernet.p4"

header byte_option_t {
    bit<8> kind;
    bit<8> value;
}

header word_option_t {
    bit<8>  kind;
    bit<16> value;
}

header_union option_t {
    byte_option_t short;
    word_option_t long;
}

struct headers_t {
    ethernet_t ethernet;
    option_t[3] options;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        transition option;
    }
    state option {
        transition select(packet.lookahead<bit<8>>()) {
            1: short;
            2: long;
            default: accept;
        }
    }
    state short {
        packet.extract(hdr.options.next.short);
        transition option;
    }
    state long {
        packet.extract(hdr.options.next.long);
        transition option;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (hdr.ethernet.type == 1) {
            hdr.options.push_front(1);
            hdr.options[0].long.setValid();
            hdr.options[0].long.kind = 2;
            hdr.options[0].long.value = 0xeeee;
        } else if (hdr.ethernet.type == 2) {
            hdr.options.pop_front(1);
        } else if (hdr.ethernet.type == 3) {
            hdr.options.push_front(3);
        } else if (hdr.ethernet.type == 4) {
            hdr.options.pop_front(2);
            hdr.options.push_front(1);
            hdr.options[0].short.setValid();
            hdr.options[0].short.kind = 1;
            hdr.options[0].short.value = 0xdd;
        }
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
