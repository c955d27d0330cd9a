// What the target tells: ports, lengths, kinds, in ingress and in egress.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.a = (bit<8>)standard_metadata.ingress_port;
        hdr.data.b = (bit<8>)standard_metadata.egress_port;
        hdr.data.c = (bit<16>)standard_metadata.packet_length;
        standard_metadata.egress_spec = 3;
    }
}

control TestEgress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.b = hdr.data.b + (bit<8>)standard_metadata.egress_port;
        hdr.data.d = standard_metadata.packet_length;
        hdr.ethernet.dst = (bit<48>)standard_metadata.egress_spec;
        hdr.ethernet.src = (bit<48>)standard_metadata.ingress_port;
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), TestEgress(), NoCompute(), EmitAll()) main;
