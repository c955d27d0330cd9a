// Entries that the program brings along, in all forms.
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
    table exact_entries {
        key = { hdr.data.a: exact; }
        actions = { forward; NoAction; }
        const entries = {
            1: forward(1);
            0x02: forward(2);
            (3): NoAction();
        }
    }
    table ternary_entries {
        key = { hdr.data.a: ternary; hdr.data.c: ternary; }
        actions = { forward; NoAction; }
        const default_action = forward(9);
        const entries = {
            (0x10 &&& 0xf0, _): forward(1);
            (5, 0x1234): forward(2);
            _: NoAction();
        }
    }
    table prefix_entries {
        key = { hdr.data.d: lpm; }
        actions = { forward; NoAction; }
        const entries = {
            0x0a000000 &&& 0xff000000: forward(1);
            0x0a010000 &&& 0xffff0000: forward(2);
            0x0a010203: forward(3);
            _: forward(4);
        }
    }
    table range_entries {
        key = { hdr.data.c: range; hdr.data.b: optional; }
        actions = { forward; NoAction; }
        const entries = {
            (1..9, 1): forward(1) @priority(20);
            (5, _): forward(2) @priority(10);
            (_, 3): forward(3) @priority(30);
        }
    }
    table ranked {
        key = { hdr.data.a: ternary; }
        actions = { forward; NoAction; }
        largest_priority_first = true;
        entries = {
            priority = 10: 1 &&& 1: forward(1);
            priority = 30: 2 &&& 2: forward(2);
            const priority = 20: 4 &&& 4: forward(3);
        }
    }
    apply {
        exact_entries.apply();
        ternary_entries.apply();
        prefix_entries.apply();
        range_entries.apply();
        ranked.apply();
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
