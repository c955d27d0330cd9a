// Every match kind.
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
    bool flag;
}

#include "include/pipeline.p4"

parser TestParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    state start {
        packet.extract(hdr.ethernet);
        packet.extract(hdr.data);
        transition accept;
    }
}

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action forward(bit<9> port) {
        standard_metadata.egress_spec = port;
    }
    table exact_keys {
        key = { hdr.data.a: exact; hdr.data.isValid(): exact; hdr.ethernet.type: exact @name("ether type"); }
        actions = { forward; NoAction; }
        size = 64;
    }
    table longest {
        key = { hdr.data.a: exact; hdr.data.d: lpm; }
        actions = { forward; NoAction; }
    }
    table masked {
        key = { hdr.data.a: ternary; hdr.data.d: lpm; hdr.data.b: optional; }
        actions = { forward; @defaultonly NoAction; }
        const default_action = NoAction();
    }
    table ranged {
        key = { hdr.data.c: range; hdr.data.a: exact; hdr.data.b: ternary; }
        actions = { forward; NoAction; }
    }
    table computed {
        key = { hdr.data.a + hdr.data.b: exact @name("sum"); hdr.data.d[15:8]: exact; hdr.data.c & 0xff: ternary; meta.flag: exact; }
        actions = { forward; NoAction; }
    }
    apply {
        exact_keys.apply();
        longest.apply();
        masked.apply();
        ranged.apply();
        computed.apply();
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
