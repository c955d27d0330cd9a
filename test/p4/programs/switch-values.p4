// Switches on numbers and members of enumerations, in controls and actions.
#include "include/ethernet.p4"

header data_t {
    bit<8>  a;
    bit<8>  b;
    bit<16> c;
    bit<32> d;
}

enum Color {
    red,
    green,
    blue
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
    action choose() {
        switch (hdr.data.b) {
            1: { hdr.data.c = 10; }
            2:
            3: { hdr.data.c = 20; }
            0x80 &&& 0x80: { hdr.data.c = 30; }
            4..6: { hdr.data.c = 40; }
        }
    }
    apply {
        Color color = Color.red;
        if (hdr.data.d == 1) {
            color = Color.blue;
        }
        switch (hdr.data.a) {
            1: { standard_metadata.egress_spec = 1; }
            2:
            3: { standard_metadata.egress_spec = 2; }
            default: { standard_metadata.egress_spec = 3; }
        }
        switch (color) {
            Color.green: { hdr.data.b = 1; }
            Color.blue: { hdr.data.b = 2; }
        }
        choose();
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
