// Tables whose entries refer to members and groups.
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
    action_profile(32) members;
    action_selector(HashAlgorithm.crc16, 64, 14) groups;
    table direct_members {
        key = { hdr.data.a: exact; }
        actions = { forward; NoAction; }
        implementation = members;
    }
    table shared_members {
        key = { hdr.data.b: ternary; }
        actions = { forward; NoAction; }
        implementation = members;
    }
    table balanced {
        key = { hdr.data.c: exact; hdr.ethernet.src: selector; hdr.ethernet.dst: selector; hdr.data.a + 1: selector; }
        actions = { forward; NoAction; }
        implementation = groups;
        size = 16;
    }
    table own {
        key = { hdr.data.d: lpm; hdr.data.a: selector; }
        actions = { forward; NoAction; }
        implementation = action_selector(HashAlgorithm.crc32, 8, 8);
    }
    apply {
        direct_members.apply();
        shared_members.apply();
        balanced.apply();
        own.apply();
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
