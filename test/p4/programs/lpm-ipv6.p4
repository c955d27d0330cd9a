// The longest of prefixes of 128 bits.
#include "include/ethernet.p4"

header address_t {
    bit<128> dst;
}

struct headers_t {
    ethernet_t ethernet;
    address_t  address;
}

struct metadata_t { }

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.address);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action forward(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table routes {
        key = { hdr.address.dst: lpm; }
        actions = { forward; }
        default_action = forward(9);
    }
    apply {
        routes.apply();
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
