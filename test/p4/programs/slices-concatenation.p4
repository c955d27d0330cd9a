// Parts of numbers, read and written, and numbers put together.
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
    apply {
        hdr.data.a[3:0] = hdr.data.b[7:4];
        hdr.data.a[7:4] = 0xa;
        hdr.data.c = hdr.data.a ++ hdr.data.b;
        hdr.data.d[23:8] = hdr.data.c;
        hdr.data.d[23:8][7:0] = 0x55;
        hdr.data.b = (hdr.data.a ++ hdr.data.c)[15:8];
        standard_metadata.egress_spec = hdr.data.d[8:0];
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
