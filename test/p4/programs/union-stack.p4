// A list of options of two kinds: a stack of unions.
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

struct metadata_t {
    bit<16> sum;
}

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
        for (bit<32> i in 0..2) {
            if (hdr.options[i].short.isValid()) {
                meta.sum = meta.sum + (bit<16>)hdr.options[i].short.value;
            } else if (hdr.options[i].long.isValid()) {
                meta.sum = meta.sum + hdr.options[i].long.value;
            }
        }
        hdr.ethernet.type = meta.sum;
        if (hdr.options[2].isValid()) {
            hdr.options[2].short.setInvalid();
        }
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
