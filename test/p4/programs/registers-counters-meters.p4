// Arrays that outlive packets.
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
    bit<2> color;
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
    register<bit<32>>(16) totals;
    register<int<16>>(4) signed_cells;
    counter(512, CounterType.packets) by_port;
    meter(512, MeterType.packets) limits;
    apply {
        bit<32> total;
        int<16> cell;
        bit<32> index = (bit<32>)(hdr.data.a & 0xf);
        totals.read(total, index);
        total = total + hdr.data.d;
        totals.write(index, total);
        hdr.data.d = total;
        signed_cells.read(cell, 2);
        signed_cells.write(2, cell - 1);
        totals.read(hdr.ethernet.src[31:0], 3);
        by_port.count((bit<32>)standard_metadata.ingress_port);
        limits.execute_meter((bit<32>)standard_metadata.ingress_port, meta.color);
        standard_metadata.egress_spec = meta.color == 2 ? 9w511 : 9w1;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
