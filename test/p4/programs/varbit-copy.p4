// Headers with a variable part, copied with its length.
#include "include/ethernet.p4"

header options_t {
    bit<8>     length;
    varbit<64> value;
}

struct headers_t {
    ethernet_t ethernet;
    options_t  first;
    options_t  second;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.first, (bit<32>)packet.lookahead<bit<8>>() * 8);
        packet.extract(hdr.second, (bit<32>)packet.lookahead<bit<8>>() * 8);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.second = hdr.first;
        hdr.second.length = 0xff;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
