// Headers as values: copied, compared, made, made invalid.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

struct headers_t {
    ethernet_t ethernet;
    data_t first;
    data_t second;
}

struct metadata_t {
    data_t saved;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.first);
        packet.extract(hdr.second);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        data_t local;
        meta.saved = hdr.first;
        if (hdr.first == hdr.second) {
            hdr.second = { 1, 2, 3, 4 };
        } else if (hdr.first != meta.saved) {
            hdr.first = (data_t){#};
        }
        local = hdr.first;
        local.a = 9;
        hdr.second.setInvalid();
        hdr.second = local;
        standard_metadata.egress_spec = 1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
