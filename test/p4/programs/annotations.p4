// Names for the control plane.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

struct headers_t {
    ethernet_t ethernet;
    data_t data;
}

struct metadata_t {
    bit<8> unused;
}

#include "include/pipeline.p4"

@brief[text = "kept as tokens; whatever they are"]
control apply_later(inout bit<8> value) {
    table two {
        key = { value: exact; }
        actions = { NoAction; }
    }
    apply {
        two.apply();
    }
}

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.data);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    @name("forward_to") action forward(@name("where") bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    @name(".global_table") table one {
        key = { hdr.data.a: exact @name("the key"); }
        actions = { forward; @tableonly NoAction; }
        @description("for people", 3)
        size = 7;
    }
    @name("counts") counter(4, CounterType.bytes) numbers;
    @hidden
    apply_later() inner;
    apply {
        one.apply();
        numbers.count(1);
        inner.apply(hdr.data.b);
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
