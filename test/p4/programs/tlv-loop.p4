// A loop over options of any length, with what is left of them counted down.
#include "include/ethernet.p4"

header begin_t {
    bit<8> length;
}

header tlv_t {
    bit<8>       type;
    bit<8>       length;
    varbit<64>   value;
}

struct headers_t {
    ethernet_t ethernet;
    begin_t    begin;
    tlv_t[4]   tlvs;
}

struct metadata_t {
    bit<8> count;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    bit<8> left;
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.begin);
        left = hdr.begin.length;
        transition next;
    }
    state next {
        transition select(left) {
            0: accept;
            default: option;
        }
    }
    state option {
        bit<8> length = packet.lookahead<bit<16>>()[7:0];
        verify(length >= 2 && length <= left, error.HeaderTooShort);
        packet.extract(hdr.tlvs.next, ((bit<32>)length - 2) * 8);
        left = left - length;
        meta.count = meta.count + 1;
        transition next;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        standard_metadata.egress_spec = standard_metadata.parser_error == error.NoError ? (bit<9>)meta.count : 9w511;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
