// A list of options of any length: a stack of unions whose members have varbits.
#include "include/ethernet.p4"

header end_option_t {
    bit<8> kind;
}

header byte_option_t {
    bit<8>     kind;
    bit<8>     length;
    varbit<40> value;
}

header word_option_t {
    bit<8>     kind;
    bit<16>    words;
    varbit<64> value;
    bit<8>     mark;
}

header_union option_t {
    end_option_t  end;
    byte_option_t short;
    word_option_t long;
}

struct headers_t {
    ethernet_t  ethernet;
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
            0: end;
            1: short;
            2: long;
            default: accept;
        }
    }
    state end {
        packet.extract(hdr.options.next.end);
        transition accept;
    }
    state short {
        packet.extract(hdr.options.next.short, (bit<32>)packet.lookahead<bit<16>>()[7:0] * 8);
        transition option;
    }
    state long {
        packet.extract(hdr.options.next.long, (bit<32>)packet.lookahead<bit<24>>()[15:0] * 32);
        transition option;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (standard_metadata.parser_error != error.NoError) {
            hdr.ethernet.type = 0xffff;
        } else if (hdr.ethernet.type == 1) {
            hdr.options.pop_front(1);
        } else if (hdr.ethernet.type == 2) {
            hdr.options[2].long.setInvalid();
            hdr.options[1].long.mark = 0xee;
        }
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
