// More bytes than a varbit can hold: HeaderTooShort.
#include "include/ethernet.p4"

header options_t {
    bit<8>     length;
    varbit<32> options;
}

struct headers_t {
    ethernet_t ethernet;
    options_t  options;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        bit<8> length = packet.lookahead<bit<8>>();
        // In bits: so that a length that is no whole number of bytes can be said too.
        packet.extract(hdr.options, (bit<32>)length);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        if (standard_metadata.parser_error == error.NoError) {
            standard_metadata.egress_spec = 1;
        } else if (standard_metadata.parser_error == error.HeaderTooShort) {
            standard_metadata.egress_spec = 2;
        } else if (standard_metadata.parser_error == error.ParserInvalidArgument) {
            standard_metadata.egress_spec = 3;
        }
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
