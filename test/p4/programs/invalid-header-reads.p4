// Fields of a header that is not there are 0, also after it was there; writes to it vanish.
#include "include/data.p4"

control TestIngress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.data.setInvalid();
        standard_metadata.egress_spec = (bit<9>)hdr.data.a + 3;
        hdr.data.b = 9;
        hdr.data.setValid();
    }
}

V1Switch(DataParser(), NoVerify(), TestIngress(), NoEgress(), NoCompute(), EmitAll()) main;
