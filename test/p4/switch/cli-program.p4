// Something of each kind that the runtime CLI can name.
#include <core.p4>
#include <v1model.p4>

header data_t {
    bit<32>  a;
    bit<48>  mac;
    bit<128> v6;
    bit<16>  port;
    bit<8>   kind;
}

struct headers_t {
    data_t data;
}

struct metadata_t {
    bit<16> sum;
    bit<8>  color;
}

parser TheParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                 inout standard_metadata_t standard_metadata) {
    value_set<bit<16>>(4) kinds;
    state start {
        packet.extract(hdr.data);
        transition select(hdr.data.port) {
            kinds: accept;
            default: accept;
        }
    }
}

control Nothing(inout headers_t hdr, inout metadata_t meta) {
    apply { }
}

control TheIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    counter(8, CounterType.packets_and_bytes) seen;
    direct_counter(CounterType.packets) hits;
    meter(4, MeterType.packets) rate;
    direct_meter<bit<8>>(MeterType.bytes) flow_rate;
    register<bit<32>>(4) last;
    action_selector(HashAlgorithm.crc16, 16, 14) paths;
    action_profile(16) choices;
    action forward(bit<9> port, bit<48> mac) {
        standard_metadata.egress_spec = port;
        hdr.data.mac = mac;
    }
    action metered(bit<9> port) {
        flow_rate.read(meta.color);
        hits.count();
        standard_metadata.egress_spec = port;
    }
    action refuse() {
        mark_to_drop(standard_metadata);
    }
    table routes {
        key = { hdr.data.a: lpm; }
        actions = { forward; refuse; }
        default_action = refuse();
        size = 2;
    }
    table routes6 {
        key = { hdr.data.v6: lpm; hdr.data.isValid(): exact; }
        actions = { forward; refuse; }
    }
    table rules {
        key = { hdr.data.mac: ternary; hdr.data.port: optional; }
        actions = { forward; refuse; }
    }
    table ports {
        key = { hdr.data.port: range; }
        actions = { forward; refuse; }
    }
    table flows {
        key = { hdr.data.mac: exact; }
        actions = { metered; refuse; }
        counters = hits;
        meters = flow_rate;
        support_timeout = true;
    }
    table balanced {
        key = { hdr.data.kind: exact; hdr.data.a: selector; }
        actions = { forward; refuse; }
        implementation = paths;
    }
    table chosen {
        key = { hdr.data.kind: exact; }
        actions = { forward; refuse; }
        implementation = choices;
    }
    apply {
        hash(meta.sum, HashAlgorithm.crc16_custom, 16w0, { hdr.data.a }, 32w0x1_0000);
        seen.count((bit<32>) hdr.data.kind);
        rate.execute_meter((bit<32>) hdr.data.kind, meta.color);
        last.write(0, hdr.data.a);
        routes.apply();
        routes6.apply();
        rules.apply();
        ports.apply();
        flows.apply();
        balanced.apply();
        chosen.apply();
    }
}

control TheEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply { }
}

control TheDeparser(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.data);
    }
}

V1Switch(TheParser(), Nothing(), TheIngress(), TheEgress(), Nothing(), TheDeparser()) main;
