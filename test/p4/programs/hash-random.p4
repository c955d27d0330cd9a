// Hashes of lists, headers and numbers, and dice.
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
    bit<32> wide;
    bit<32> whole;
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
        bit<16> slot;
        hash(slot, HashAlgorithm.crc16, 16w0, { hdr.ethernet.src, hdr.ethernet.dst, 8w6 }, 16w4);
        hash(meta.wide, HashAlgorithm.crc32, 32w10, { hdr.data, hdr.data.a + hdr.data.b }, 32w1024);
        hash(meta.whole, HashAlgorithm.identity, 0, { hdr.data.d }, 64w0x1_0000_0000);
        random(hdr.data.a, 10, 20);
        random(meta.wide, 0, (bit<32>)hdr.data.c);
        standard_metadata.egress_spec = (bit<9>)slot;
    }
}

V1Switch(TestParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
