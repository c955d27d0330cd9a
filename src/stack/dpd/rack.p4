/*
 * The switch of the rack.
 *
 * Sleds and other racks are behind rear ports and speak IPv6 (the underlay); customers are behind uplinks and speak
 * IPv4 and IPv6. Guests' packets cross the underlay in Geneve. What the switch cannot decide by itself goes to its
 * processor (port 0) behind a sidecar header that says why, and the processor sends frames the same way.
 *
 * A frame takes these steps, in this order:
 *
 *   1  parse, and refuse what is broken               RackParser, Sanity
 *   2  is it for the switch itself?                   ProxyArp, Local
 *   3  is it for an attached subnet of a guest?       Attached
 *   4  is it for a guest behind an external address?  Nat
 *   5  what the switch answers or hands over itself   Services
 *   6  guests' packets to the outside lose Geneve     Decapsulate
 *   7  which port, which next hop, and does it fit    Router
 *   8  which MAC address the next hop has             Resolver
 *   9  who may leave where, and with which MAC        EgressFilter, Mac
 *
 * Tables are filled by the switch's control plane; their names (ingress.router.v6_idx.rtr and so on) are its interface.
 */
#include <core.p4>
#include <v1model.p4>

// ------------------------------------------------------------------------------------------------------------ numbers

typedef bit<48>  mac_t;
typedef bit<32>  ipv4_t;
typedef bit<128> ipv6_t;
typedef bit<9>   port_t;

// The switch's own processor.
const port_t CPU_PORT = 0;
// Beyond the last port: what is sent there is dropped.
const bit<16> NO_PORT = 511;

const bit<16> ETHERTYPE_IPV4     = 0x0800;
const bit<16> ETHERTYPE_ARP      = 0x0806;
const bit<16> ETHERTYPE_SIDECAR  = 0x0901;
const bit<16> ETHERTYPE_ETHERNET = 0x6558;
const bit<16> ETHERTYPE_VLAN     = 0x8100;
const bit<16> ETHERTYPE_IPV6     = 0x86dd;
const bit<16> ETHERTYPE_LLDP     = 0x88cc;

const bit<8> PROTOCOL_HOP_BY_HOP  = 0;
const bit<8> PROTOCOL_ICMP        = 1;
const bit<8> PROTOCOL_TCP         = 6;
const bit<8> PROTOCOL_UDP         = 17;
const bit<8> PROTOCOL_ROUTING     = 43;
const bit<8> PROTOCOL_FRAGMENT    = 44;
const bit<8> PROTOCOL_ICMPV6      = 58;
const bit<8> PROTOCOL_DESTINATION = 60;
const bit<8> PROTOCOL_SCTP        = 132;
// The extension header of delay-driven multipath.
const bit<8> PROTOCOL_DDM         = 0xdd;

const bit<8> ICMP_ECHO_REPLY       = 0;
const bit<8> ICMP_UNREACHABLE      = 3;
const bit<8> ICMP_NEEDS_FRAGMENTS  = 4; // a code of unreachable
const bit<8> ICMP_ECHO_REQUEST     = 8;
const bit<8> ICMP_TIME_EXCEEDED    = 11;
const bit<8> ICMPV6_UNREACHABLE    = 1;
const bit<8> ICMPV6_PACKET_TOO_BIG = 2;
const bit<8> ICMPV6_TIME_EXCEEDED  = 3;
const bit<8> ICMPV6_ECHO_REQUEST   = 128;
const bit<8> ICMPV6_ECHO_REPLY     = 129;

const bit<16> ARP_REQUEST = 1;
const bit<16> ARP_REPLY   = 2;

const bit<16> GENEVE_PORT         = 6081;
const bit<16> GENEVE_CLASS        = 0x0129;
const bit<8>  GENEVE_EXTERNAL     = 0;
const bit<8>  GENEVE_MULTICAST    = 1;
const bit<8>  GENEVE_SEGMENT_SIZE = 2;

// Bytes that a guest's packet grows by: Ethernet 14, Geneve 8 with one option 4, UDP 8.
const bit<16> ENCAPSULATION_BYTES = 34;
const bit<16> IPV6_HEADER_BYTES   = 40;

// Why a frame is given to the processor.
const bit<8> PUNT_TO_USERSPACE     = 1;
const bit<8> PUNT_ICMP_NEEDED      = 2;
const bit<8> PUNT_ARP_NEEDED       = 3;
const bit<8> PUNT_NEIGHBOR_NEEDED  = 4;

// Why a frame is dropped; the numbers are indices of the counter `drops`.
const bit<8> DROP_NONE               = 0x00;
const bit<8> DROP_V4_ADDRESS_MISS    = 0x01; // the address of another port
const bit<8> DROP_V6_ADDRESS_MISS    = 0x02;
const bit<8> DROP_BAD_PING           = 0x03;
const bit<8> DROP_NAT_HEADER         = 0x04; // from a guest, but neither TCP, UDP nor ICMP
const bit<8> DROP_ARP_NULL           = 0x05; // the next hop is a black hole
const bit<8> DROP_NDP_NULL           = 0x07;
const bit<8> DROP_MULTICAST_LOCAL    = 0x09; // of the scope of one interface
const bit<8> DROP_V4_CHECKSUM        = 0x0a;
const bit<8> DROP_V4_TTL_INVALID     = 0x0b;
const bit<8> DROP_V6_TTL_INVALID     = 0x0d;
const bit<8> DROP_V4_UNROUTABLE      = 0x0f; // a route without the target that it promises
const bit<8> DROP_V6_UNROUTABLE      = 0x10;
const bit<8> DROP_NAT_INGRESS_MISS   = 0x11;
const bit<8> DROP_NAT_EGRESS_BLOCKED = 0x12;
const bit<8> DROP_MULTICAST_NO_GROUP = 0x13;
const bit<8> DROP_GENEVE_TOO_LONG    = 0x18;
const bit<8> DROP_GENEVE_MALFORMED   = 0x19;
const bit<8> DROP_GENEVE_UNKNOWN     = 0x1a;
const bit<8> DROP_SCTP               = 0x1b; // has ports, but none that the switch could translate
// Beyond the listed ones: cut off, of a wrong version, or of a protocol that the switch does not know.
const bit<8> DROP_UNREADABLE         = 0x1c;

// Longer than the wire of its port carries, and nobody can be told: it may be fragmented, or it is a guest's.
const bit<8> DROP_TOO_LONG           = 0x1d;

// ------------------------------------------------------------------------------------------------------------ headers

header ethernet_h {
    mac_t   dst;
    mac_t   src;
    bit<16> type;
}

header vlan_h {
    bit<3>  priority;
    bit<1>  drop_eligible;
    bit<12> id;
    bit<16> type;
}

// Between the switch and its processor; follows Ethernet, whose type it keeps.
header sidecar_h {
    bit<8>   code;
    bit<8>   padding;
    bit<16>  ingress;
    bit<16>  egress;
    bit<16>  type;
    bit<128> payload;
}

header arp_h {
    bit<16> hardware;
    bit<16> protocol;
    bit<8>  hardware_length;
    bit<8>  protocol_length;
    bit<16> operation;
    mac_t   sender_mac;
    ipv4_t  sender;
    mac_t   target_mac;
    ipv4_t  target;
}

header ipv4_h {
    bit<4>  version;
    bit<4>  ihl;
    bit<8>  service;
    bit<16> total_length;
    bit<16> identification;
    bit<3>  flags;
    bit<13> fragment_offset;
    bit<8>  ttl;
    bit<8>  protocol;
    bit<16> checksum;
    ipv4_t  src;
    ipv4_t  dst;
}

header ipv4_options_h {
    varbit<320> options;
}

header ipv6_h {
    bit<4>  version;
    bit<8>  traffic_class;
    bit<20> flow_label;
    bit<16> payload_length;
    bit<8>  next_header;
    bit<8>  hop_limit;
    ipv6_t  src;
    ipv6_t  dst;
}

// Hop-by-hop and destination options, and routing headers, as far as they are of usual size.
header extension_h {
    bit<8>      next_header;
    bit<8>      length; // in units of 8 bytes, the first one not counted
    varbit<496> content;
}

header fragment_h {
    bit<8>  next_header;
    bit<8>  reserved;
    bit<13> offset; // in units of 8 bytes
    bit<2>  reserved2;
    bit<1>  more;
    bit<32> identification;
}

// Delay-driven multipath: passed on as it is; what is behind it is still looked at.
header ddm_h {
    bit<8>      next_header;
    bit<8>      length; // bytes of header and elements, less one
    bit<8>      version;
    bit<8>      flags;
    varbit<480> elements;
}

// As much of TCP as matters here.
header tcp_h {
    bit<16> src_port;
    bit<16> dst_port;
}

header udp_h {
    bit<16> src_port;
    bit<16> dst_port;
    bit<16> length;
    bit<16> checksum;
}

// ICMP and ICMPv6; the second half has these names in echoes only.
header icmp_h {
    bit<8>  type;
    bit<8>  code;
    bit<16> checksum;
    bit<16> identifier;
    bit<16> sequence;
}

header geneve_h {
    bit<2>  version;
    bit<6>  option_words;
    bit<1>  control_message;
    bit<1>  critical;
    bit<6>  reserved;
    bit<16> protocol;
    bit<24> vni;
    bit<8>  reserved2;
}

header geneve_option_h {
    bit<16> class;
    bit<8>  type;
    bit<3>  reserved;
    bit<5>  words;
}

header geneve_word_option_h {
    bit<16> class;
    bit<8>  type;
    bit<3>  reserved;
    bit<5>  words;
    bit<32> value;
}

// A packet from the network layer up, as it is found outside of Geneve and inside.
struct packet_t {
    ipv4_h         ipv4;
    ipv4_options_h ipv4_options;
    ipv6_h         ipv6;
    extension_h    extension1;
    extension_h    extension2;
    fragment_h     fragment;
    ddm_h          ddm;
    tcp_h          tcp;
    udp_h          udp;
    icmp_h         icmp;
}

struct headers_t {
    ethernet_h           ethernet;
    sidecar_h            sidecar;
    vlan_h               vlan;
    arp_h                arp;
    packet_t             outer;
    geneve_h             geneve;
    geneve_option_h      external;     // the packet is from outside of the rack
    geneve_word_option_h multicast;
    geneve_word_option_h segment_size;
    ethernet_h           inner_ethernet;
    packet_t             inner;
}

struct metadata_t {
    bit<8>   drop;          // why, or DROP_NONE
    bit<8>   punt;          // why, or 0
    port_t   punt_egress;
    bit<128> punt_payload;
    bool     done;          // the egress port is known, and nothing else is to be done
    bool     uplink;        // came in from a customer
    bool     claimed;       // for an address of the switch
    bool     link_local;    // for everyone on the link
    bool     to_guest;      // will be put into Geneve
    bool     from_guest;    // was taken out of Geneve
    ipv6_t   sled;          // where the guest is
    bit<24>  vni;
    mac_t    guest_mac;
    bool     sctp;
    bool     next_hop_is_v4;
    ipv4_t   next_hop_v4;
    ipv6_t   next_hop_v6;
    bit<12>  vlan;          // of the route's target; 0: none
}

error {
    WrongVersion,
    WrongLength,
    GeneveOptionTooLong,
    GeneveOptionMalformed,
    GeneveOptionUnknown
}

// ------------------------------------------------------------------------------------------------------------- parser

parser PacketParser(packet_in packet, in bit<16> type, out packet_t found, out bool sctp) {
    bit<8> next = 0;
    state start {
        sctp = false;
        transition select(type) {
            ETHERTYPE_IPV4: ipv4;
            ETHERTYPE_IPV6: ipv6;
            default: accept;
        }
    }
    state ipv4 {
        packet.extract(found.ipv4);
        verify(found.ipv4.version == 4, error.WrongVersion);
        verify(found.ipv4.ihl >= 5, error.WrongLength);
        transition select(found.ipv4.ihl) {
            5: ipv4_protocol;
            default: ipv4_options;
        }
    }
    state ipv4_options {
        packet.extract(found.ipv4_options, ((bit<32>)found.ipv4.ihl - 5) << 5);
        transition ipv4_protocol;
    }
    state ipv4_protocol {
        // Only the first fragment has ports.
        transition select(found.ipv4.fragment_offset, found.ipv4.protocol) {
            (0, PROTOCOL_ICMP): icmp;
            (0, PROTOCOL_TCP): tcp;
            (0, PROTOCOL_UDP): udp;
            (_, PROTOCOL_SCTP): sctp_packet;
            default: accept;
        }
    }
    state ipv6 {
        packet.extract(found.ipv6);
        verify(found.ipv6.version == 6, error.WrongVersion);
        next = found.ipv6.next_header;
        transition select(next) {
            PROTOCOL_HOP_BY_HOP: extension1;
            PROTOCOL_ROUTING: extension1;
            PROTOCOL_DESTINATION: extension1;
            default: fragments;
        }
    }
    // Behind a larger one, or a third, nothing is looked for.
    state extension1 {
        transition select(packet.lookahead<bit<16>>()) {
            0 &&& 0xf8: short_extension1;
            default: accept;
        }
    }
    state short_extension1 {
        packet.extract(found.extension1, (bit<32>)packet.lookahead<bit<16>>()[7:0] * 64 + 48);
        next = found.extension1.next_header;
        transition select(next) {
            PROTOCOL_ROUTING: extension2;
            PROTOCOL_DESTINATION: extension2;
            default: fragments;
        }
    }
    state extension2 {
        transition select(packet.lookahead<bit<16>>()) {
            0 &&& 0xf8: short_extension2;
            default: accept;
        }
    }
    state short_extension2 {
        packet.extract(found.extension2, (bit<32>)packet.lookahead<bit<16>>()[7:0] * 64 + 48);
        next = found.extension2.next_header;
        transition fragments;
    }
    state fragments {
        transition select(next) {
            PROTOCOL_FRAGMENT: fragment;
            default: multipath;
        }
    }
    // As in IPv4, only the first fragment has ports.
    state fragment {
        packet.extract(found.fragment);
        next = found.fragment.next_header;
        transition select(found.fragment.offset, next) {
            (0, _): multipath;
            (_, PROTOCOL_SCTP): sctp_packet;
            default: accept;
        }
    }
    state multipath {
        transition select(next) {
            PROTOCOL_DDM: ddm;
            default: transport;
        }
    }
    state ddm {
        bit<16> begin = packet.lookahead<bit<16>>();
        // Four bytes, and four for each element.
        verify(begin[1:0] == 3, error.WrongLength);
        packet.extract(found.ddm, ((bit<32>)begin[7:0] - 3) << 3);
        next = found.ddm.next_header;
        transition transport;
    }
    state transport {
        transition select(next) {
            PROTOCOL_ICMPV6: icmp;
            PROTOCOL_TCP: tcp;
            PROTOCOL_UDP: udp;
            PROTOCOL_SCTP: sctp_packet;
            default: accept;
        }
    }
    state sctp_packet {
        sctp = true;
        transition accept;
    }
    state tcp {
        packet.extract(found.tcp);
        transition accept;
    }
    state udp {
        packet.extract(found.udp);
        transition accept;
    }
    state icmp {
        packet.extract(found.icmp);
        transition accept;
    }
}

parser RackParser(packet_in packet, out headers_t hdr, inout metadata_t meta,
                  inout standard_metadata_t standard_metadata) {
    PacketParser() packet_parser;
    bit<16> type;
    bool inner_sctp;
    // Words of Geneve options that are still to come.
    bit<6> words = 0;

    state start {
        packet.extract(hdr.ethernet);
        type = hdr.ethernet.type;
        transition select(type) {
            ETHERTYPE_SIDECAR: sidecar;
            ETHERTYPE_VLAN: vlan;
            ETHERTYPE_ARP: arp;
            default: outer;
        }
    }
    // What is behind it goes out as it is.
    state sidecar {
        packet.extract(hdr.sidecar);
        transition accept;
    }
    state vlan {
        packet.extract(hdr.vlan);
        type = hdr.vlan.type;
        transition select(type) {
            ETHERTYPE_ARP: arp;
            default: outer;
        }
    }
    state arp {
        packet.extract(hdr.arp);
        transition accept;
    }
    state outer {
        packet_parser.apply(packet, type, hdr.outer, meta.sctp);
        transition select(hdr.outer.udp.isValid(), hdr.outer.udp.dst_port) {
            (true, GENEVE_PORT): geneve;
            default: accept;
        }
    }
    state geneve {
        packet.extract(hdr.geneve);
        verify(hdr.geneve.version == 0, error.GeneveOptionMalformed);
        words = hdr.geneve.option_words;
        transition options;
    }
    state options {
        transition select(words) {
            0: inner;
            default: option;
        }
    }
    state option {
        geneve_option_h begin = packet.lookahead<geneve_option_h>();
        verify((bit<6>)begin.words < words, error.GeneveOptionTooLong);
        words = words - (bit<6>)begin.words - 1;
        transition select(begin.class, begin.type, begin.words) {
            (GENEVE_CLASS, GENEVE_EXTERNAL, 0): external;
            (GENEVE_CLASS, GENEVE_MULTICAST, 1): multicast;
            (GENEVE_CLASS, GENEVE_SEGMENT_SIZE, 1): segment_size;
            (GENEVE_CLASS, GENEVE_EXTERNAL, _): malformed;
            (GENEVE_CLASS, GENEVE_MULTICAST, _): malformed;
            (GENEVE_CLASS, GENEVE_SEGMENT_SIZE, _): malformed;
            default: unknown;
        }
    }
    state external {
        verify(!hdr.external.isValid(), error.GeneveOptionMalformed);
        packet.extract(hdr.external);
        transition options;
    }
    state multicast {
        verify(!hdr.multicast.isValid(), error.GeneveOptionMalformed);
        packet.extract(hdr.multicast);
        transition options;
    }
    state segment_size {
        verify(!hdr.segment_size.isValid(), error.GeneveOptionMalformed);
        packet.extract(hdr.segment_size);
        transition options;
    }
    state malformed {
        verify(false, error.GeneveOptionMalformed);
        transition reject;
    }
    state unknown {
        verify(false, error.GeneveOptionUnknown);
        transition reject;
    }
    state inner {
        transition select(hdr.geneve.protocol) {
            ETHERTYPE_ETHERNET: inner_ethernet;
            default: accept;
        }
    }
    state inner_ethernet {
        packet.extract(hdr.inner_ethernet);
        packet_parser.apply(packet, hdr.inner_ethernet.type, hdr.inner, inner_sctp);
        transition accept;
    }
}

#define IPV4_WITHOUT_CHECKSUM \
    hdr.outer.ipv4.version, hdr.outer.ipv4.ihl, hdr.outer.ipv4.service, hdr.outer.ipv4.total_length, \
    hdr.outer.ipv4.identification, hdr.outer.ipv4.flags, hdr.outer.ipv4.fragment_offset, hdr.outer.ipv4.ttl, \
    hdr.outer.ipv4.protocol, hdr.outer.ipv4.src, hdr.outer.ipv4.dst

// Options are rare; a sum of fixed length is much faster.
control RackVerify(inout headers_t hdr, inout metadata_t meta) {
    apply {
        verify_checksum(hdr.outer.ipv4.isValid() && !hdr.outer.ipv4_options.isValid(),
            { IPV4_WITHOUT_CHECKSUM }, hdr.outer.ipv4.checksum, HashAlgorithm.csum16);
        verify_checksum(hdr.outer.ipv4_options.isValid(),
            { IPV4_WITHOUT_CHECKSUM, hdr.outer.ipv4_options.options },
            hdr.outer.ipv4.checksum, HashAlgorithm.csum16);
    }
}

// --------------------------------------------------------------------------------------------------------- step by step

// 1: what no switch may pass on.
control Sanity(in headers_t hdr, inout metadata_t meta, in standard_metadata_t standard_metadata) {
    apply {
        if (standard_metadata.parser_error == error.GeneveOptionTooLong) {
            meta.drop = DROP_GENEVE_TOO_LONG;
        } else if (standard_metadata.parser_error == error.GeneveOptionMalformed) {
            meta.drop = DROP_GENEVE_MALFORMED;
        } else if (standard_metadata.parser_error == error.GeneveOptionUnknown) {
            meta.drop = DROP_GENEVE_UNKNOWN;
        } else if (standard_metadata.parser_error != error.NoError) {
            meta.drop = DROP_UNREADABLE;
        } else if (standard_metadata.checksum_error == 1) {
            meta.drop = DROP_V4_CHECKSUM;
        } else if (hdr.outer.ipv4.isValid() && hdr.outer.ipv4.ttl == 0) {
            meta.drop = DROP_V4_TTL_INVALID;
        } else if (hdr.outer.ipv6.isValid() && hdr.outer.ipv6.hop_limit == 0) {
            meta.drop = DROP_V6_TTL_INVALID;
        } else if (meta.sctp) {
            meta.drop = DROP_SCTP;
        }
    }
}

// 2: who asks for one of these addresses on an uplink is told a MAC address at once, in the place of the guest that has it.
control ProxyArp(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action proxy_arp_reply(mac_t mac) {
        ipv4_t address = hdr.arp.target;
        hdr.arp.operation = ARP_REPLY;
        hdr.arp.target_mac = hdr.arp.sender_mac;
        hdr.arp.target = hdr.arp.sender;
        hdr.arp.sender_mac = mac;
        hdr.arp.sender = address;
        hdr.ethernet.dst = hdr.ethernet.src;
        hdr.ethernet.src = mac;
        standard_metadata.egress_spec = standard_metadata.ingress_port;
        meta.done = true;
    }
    table proxy_arp {
        key = { hdr.arp.target: range @name("target"); }
        actions = { proxy_arp_reply; NoAction; }
        size = 512;
    }
    apply {
        // An announcement, or a probe for an address that is taken, asks for nothing.
        if (hdr.arp.isValid() && hdr.arp.operation == ARP_REQUEST && hdr.arp.sender != hdr.arp.target) {
            proxy_arp.apply();
        }
    }
}

// 2: addresses of the switch. An address of a port has two entries: one that claims it on that port, and one with less
// priority that drops it on all others. An address of the switch as a whole has one that claims it on every port.
control Local(in headers_t hdr, inout metadata_t meta, in standard_metadata_t standard_metadata) {
    ipv4_t target = 0;

    action claim() {
        meta.claimed = true;
    }
    action drop_v4() {
        meta.drop = DROP_V4_ADDRESS_MISS;
    }
    action drop_v6() {
        meta.drop = DROP_V6_ADDRESS_MISS;
    }
    action set_uplink() {
        meta.uplink = true;
    }
    table uplink_ports {
        key = { standard_metadata.ingress_port: exact @name("port"); }
        actions = { set_uplink; NoAction; }
        size = 256;
    }
    table local_v4 {
        key = {
            target: exact @name("dst");
            standard_metadata.ingress_port: ternary @name("port");
        }
        actions = { claim; drop_v4; NoAction; }
        size = 511;
    }
    table local_v6 {
        key = {
            hdr.outer.ipv6.dst: exact @name("dst");
            standard_metadata.ingress_port: ternary @name("port");
        }
        actions = { claim; drop_v6; NoAction; }
        size = 511;
    }
    apply {
        uplink_ports.apply();
        if (hdr.outer.ipv6.isValid()) {
            if (hdr.outer.ipv6.dst[127:112] == 0xff01) {
                meta.drop = DROP_MULTICAST_LOCAL;
            } else if (hdr.outer.ipv6.dst[127:112] == 0xff02) {
                meta.link_local = true;
            } else if (hdr.outer.ipv6.dst[127:120] == 0xff) {
                meta.drop = DROP_MULTICAST_NO_GROUP;
            } else {
                local_v6.apply();
            }
        } else if (hdr.outer.ipv4.isValid() || hdr.arp.isValid()) {
            target = hdr.arp.isValid() ? hdr.arp.target : hdr.outer.ipv4.dst;
            if (hdr.outer.ipv4.isValid() && target[31:28] == 0xe) {
                meta.drop = DROP_MULTICAST_NO_GROUP;
            } else {
                local_v4.apply();
            }
        } else if (hdr.ethernet.type == ETHERTYPE_LLDP || (hdr.vlan.isValid() && hdr.vlan.type == ETHERTYPE_LLDP)) {
            meta.claimed = true;
        } else {
            meta.drop = DROP_UNREADABLE;
        }
    }
}

// 3: subnets that belong to one guest, whatever the port.
control Attached(in headers_t hdr, inout metadata_t meta) {
    action forward_to_sled(ipv6_t target, bit<24> vni, mac_t mac) {
        meta.to_guest = true;
        meta.sled = target;
        meta.vni = vni;
        meta.guest_mac = mac;
    }
    table attached_subnet_v4 {
        key = { hdr.outer.ipv4.dst: lpm @name("dst"); }
        actions = { forward_to_sled; NoAction; }
        size = 512;
    }
    table attached_subnet_v6 {
        key = { hdr.outer.ipv6.dst: lpm @name("dst"); }
        actions = { forward_to_sled; NoAction; }
        size = 512;
    }
    apply {
        if (hdr.outer.ipv4.isValid()) {
            attached_subnet_v4.apply();
        } else {
            attached_subnet_v6.apply();
        }
    }
}

// 4: external addresses that guests share, each with a range of ports. An echo's identifier counts as its port.
control Nat(in headers_t hdr, inout metadata_t meta) {
    bit<16> nat_id = 0;
    bool has_id = true;

    action forward_to_sled(ipv6_t target, bit<24> vni, mac_t mac) {
        meta.to_guest = true;
        meta.sled = target;
        meta.vni = vni;
        meta.guest_mac = mac;
    }
    table nat_v4 {
        key = {
            hdr.outer.ipv4.dst: exact @name("dst");
            nat_id: range @name("nat_id");
        }
        actions = { forward_to_sled; NoAction; }
        size = 1024;
    }
    table nat_v6 {
        key = {
            hdr.outer.ipv6.dst: exact @name("dst");
            nat_id: range @name("nat_id");
        }
        actions = { forward_to_sled; NoAction; }
        size = 1024;
    }
    apply {
        if (hdr.outer.tcp.isValid()) {
            nat_id = hdr.outer.tcp.dst_port;
        } else if (hdr.outer.udp.isValid()) {
            nat_id = hdr.outer.udp.dst_port;
        } else if (hdr.outer.icmp.isValid()) {
            nat_id = hdr.outer.icmp.identifier;
            has_id = hdr.outer.ipv4.isValid()
                ? hdr.outer.icmp.type == ICMP_ECHO_REQUEST || hdr.outer.icmp.type == ICMP_ECHO_REPLY
                : hdr.outer.icmp.type == ICMPV6_ECHO_REQUEST || hdr.outer.icmp.type == ICMPV6_ECHO_REPLY;
        } else {
            has_id = false;
        }
        if (has_id) {
            if (hdr.outer.ipv4.isValid()) {
                nat_v4.apply();
            } else {
                nat_v6.apply();
            }
        }
    }
}

// A packet for a guest, into Geneve: what was outside is inside now.
control Encapsulate(inout headers_t hdr, in metadata_t meta) {
    apply {
        bit<16> type = hdr.vlan.isValid() ? hdr.vlan.type : hdr.ethernet.type;
        bit<16> length = ENCAPSULATION_BYTES
            + (hdr.outer.ipv4.isValid() ? hdr.outer.ipv4.total_length
                                        : hdr.outer.ipv6.payload_length + IPV6_HEADER_BYTES);
        hdr.vlan.setInvalid();
        hdr.inner = hdr.outer;
        hdr.inner_ethernet.setValid();
        hdr.inner_ethernet = { meta.guest_mac, 0, type };

        hdr.ethernet.type = ETHERTYPE_IPV6;
        hdr.outer.ipv4.setInvalid();
        hdr.outer.ipv4_options.setInvalid();
        hdr.outer.extension1.setInvalid();
        hdr.outer.extension2.setInvalid();
        hdr.outer.fragment.setInvalid();
        hdr.outer.ddm.setInvalid();
        hdr.outer.tcp.setInvalid();
        hdr.outer.icmp.setInvalid();
        hdr.outer.ipv6.setValid();
        hdr.outer.ipv6 = { 6, 0, 0, length, PROTOCOL_UDP, 255, 0, meta.sled };
        hdr.outer.udp.setValid();
        hdr.outer.udp = { GENEVE_PORT, GENEVE_PORT, length, 0 };
        hdr.geneve.setValid();
        hdr.geneve = { 0, 1, 0, 0, 0, ETHERTYPE_ETHERNET, meta.vni, 0 };
        hdr.external.setValid();
        hdr.external = { GENEVE_CLASS, GENEVE_EXTERNAL, 0, 0 };
    }
}

// 5: what is for the switch itself.
control Services(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    // Where the frame came from, with everything that says who it is for turned around.
    action turn_around() {
        mac_t mac = hdr.ethernet.dst;
        hdr.ethernet.dst = hdr.ethernet.src;
        hdr.ethernet.src = mac;
        standard_metadata.egress_spec = standard_metadata.ingress_port;
        meta.done = true;
    }
    // The checksum follows the type, in ones' complement.
    action reply_v4() {
        turn_around();
        ipv4_t address = hdr.outer.ipv4.dst;
        hdr.outer.ipv4.dst = hdr.outer.ipv4.src;
        hdr.outer.ipv4.src = address;
        hdr.outer.ipv4.ttl = 255;
        hdr.outer.icmp.type = ICMP_ECHO_REPLY;
        bit<17> sum = (bit<17>)hdr.outer.icmp.checksum + 0x0800;
        hdr.outer.icmp.checksum = sum[15:0] + (bit<16>)sum[16:16];
    }
    action reply_v6() {
        turn_around();
        ipv6_t address = hdr.outer.ipv6.dst;
        hdr.outer.ipv6.dst = hdr.outer.ipv6.src;
        hdr.outer.ipv6.src = address;
        hdr.outer.ipv6.hop_limit = 255;
        hdr.outer.icmp.type = ICMPV6_ECHO_REPLY;
        bit<17> sum = (bit<17>)hdr.outer.icmp.checksum + 0xfeff;
        hdr.outer.icmp.checksum = sum[15:0] + (bit<16>)sum[16:16];
    }
    apply {
        bool is_echo = hdr.outer.icmp.isValid()
            && (hdr.outer.ipv4.isValid() ? hdr.outer.icmp.type == ICMP_ECHO_REQUEST
                                         : hdr.outer.icmp.type == ICMPV6_ECHO_REQUEST);
        if (meta.claimed && hdr.geneve.isValid() && hdr.geneve.vni != 0) {
            meta.from_guest = true;
        } else if (meta.claimed && is_echo) {
            if (hdr.outer.icmp.code != 0) {
                meta.drop = DROP_BAD_PING;
            } else if (hdr.outer.ipv4.isValid()) {
                reply_v4();
            } else {
                reply_v6();
            }
        } else if (meta.claimed || meta.link_local || hdr.arp.isValid()) {
            meta.punt = PUNT_TO_USERSPACE;
            meta.punt_egress = standard_metadata.ingress_port;
        }
    }
}

// 6: a guest's packet to the outside, out of Geneve.
control Decapsulate(inout headers_t hdr, inout metadata_t meta) {
    apply {
        if (hdr.inner.tcp.isValid() || hdr.inner.udp.isValid() || hdr.inner.icmp.isValid()) {
            hdr.vlan.setInvalid();
            hdr.ethernet.type = hdr.inner_ethernet.type;
            hdr.outer = hdr.inner;
            hdr.geneve.setInvalid();
            hdr.external.setInvalid();
            hdr.multicast.setInvalid();
            hdr.segment_size.setInvalid();
            hdr.inner_ethernet.setInvalid();
            hdr.inner.ipv4.setInvalid();
            hdr.inner.ipv4_options.setInvalid();
            hdr.inner.ipv6.setInvalid();
            hdr.inner.extension1.setInvalid();
            hdr.inner.extension2.setInvalid();
            hdr.inner.fragment.setInvalid();
            hdr.inner.ddm.setInvalid();
            hdr.inner.tcp.setInvalid();
            hdr.inner.udp.setInvalid();
            hdr.inner.icmp.setInvalid();
        } else {
            meta.drop = DROP_NAT_HEADER;
        }
    }
}

/*
 * The remainder of a number, in the arithmetic of CRC-8 (polynomial x^8 + x^2 + x + 1, initial value 0). There x^8 is
 * x^2 + x + 1, so that the upper part of a number may be added to the lower one two, one and no bits to the left; and
 * squaring both sides again and again gives the same for upper parts that begin at bit 16, 32, and so on. What a fold
 * pushes over its end is folded once more.
 */
bit<8> remainder(in bit<64> number) {
    bit<32> high32 = number[63:32];
    bit<48> fold32 = (bit<48>)number[31:0] ^ (bit<48>)high32 ^ ((bit<48>)high32 << 4) ^ ((bit<48>)high32 << 8);
    bit<16> over32 = fold32[47:32];
    bit<32> word = fold32[31:0] ^ (bit<32>)over32 ^ ((bit<32>)over32 << 4) ^ ((bit<32>)over32 << 8);
    bit<16> high16 = word[31:16];
    bit<32> fold16 = (bit<32>)word[15:0] ^ (bit<32>)high16 ^ ((bit<32>)high16 << 2) ^ ((bit<32>)high16 << 4);
    bit<16> over16 = fold16[31:16];
    bit<16> half = fold16[15:0] ^ over16 ^ (over16 << 2) ^ (over16 << 4);
    bit<8> high8 = half[15:8];
    bit<16> fold8 = (bit<16>)half[7:0] ^ (bit<16>)high8 ^ ((bit<16>)high8 << 1) ^ ((bit<16>)high8 << 2);
    bit<8> over8 = fold8[15:8];
    return fold8[7:0] ^ over8 ^ (over8 << 1) ^ (over8 << 2);
}

// As above, from 128 bits to 64.
bit<64> folded(in bit<128> number) {
    bit<64> high = number[127:64];
    bit<128> fold = (bit<128>)number[63:0] ^ (bit<128>)high ^ ((bit<128>)high << 8) ^ ((bit<128>)high << 16);
    bit<64> over = fold[127:64];
    return fold[63:0] ^ over ^ (over << 8) ^ (over << 16);
}

// From 256 bits and 40 more above them to 64.
bit<64> folded_twice(in bit<40> top, in bit<128> high, in bit<128> low) {
    // The part above bit 256 lands at 64, 32 and 0.
    bit<128> upper = high;
    bit<128> lower = low ^ (bit<128>)top ^ ((bit<128>)top << 32) ^ ((bit<128>)top << 64);
    bit<160> fold = (bit<160>)lower ^ (bit<160>)upper ^ ((bit<160>)upper << 16) ^ ((bit<160>)upper << 32);
    bit<32> over = fold[159:128];
    return folded(fold[127:0] ^ (bit<128>)over ^ ((bit<128>)over << 16) ^ ((bit<128>)over << 32));
}

// 7: a prefix has `slots` targets in a row, from index `idx` on.
control V4Index(in ipv4_t dst, out bool found, inout bit<16> first, inout bit<8> count) {
    action index(bit<16> idx, bit<8> slots) {
        first = idx;
        count = slots;
    }
    table rtr {
        key = { dst: lpm @name("dst"); }
        actions = { index; NoAction; }
        size = 8191;
    }
    apply {
        found = rtr.apply().hit;
    }
}

control V6Index(in ipv6_t dst, out bool found, inout bit<16> first, inout bit<8> count) {
    action index(bit<16> idx, bit<8> slots) {
        first = idx;
        count = slots;
    }
    table rtr {
        key = { dst: lpm @name("dst"); }
        actions = { index; NoAction; }
        size = 8191;
    }
    apply {
        found = rtr.apply().hit;
    }
}

// An IPv4 packet may have an IPv6 next hop.
control V4Route(in bit<16> idx, out bool found, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action forward(bit<16> port, ipv4_t nexthop) {
        standard_metadata.egress_spec = (port_t)port;
        meta.next_hop_is_v4 = true;
        meta.next_hop_v4 = nexthop;
    }
    action forward_v6(bit<16> port, ipv6_t nexthop) {
        standard_metadata.egress_spec = (port_t)port;
        meta.next_hop_v6 = nexthop;
    }
    action forward_vlan(bit<16> port, ipv4_t nexthop, bit<16> vlan_id) {
        forward(port, nexthop);
        meta.vlan = (bit<12>)vlan_id;
    }
    action forward_vlan_v6(bit<16> port, ipv6_t nexthop, bit<16> vlan_id) {
        forward_v6(port, nexthop);
        meta.vlan = (bit<12>)vlan_id;
    }
    table rtr {
        key = { idx: exact @name("idx"); }
        actions = { forward; forward_v6; forward_vlan; forward_vlan_v6; NoAction; }
        size = 16384;
    }
    apply {
        found = rtr.apply().hit;
    }
}

control V6Route(in bit<16> idx, out bool found, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    action forward(bit<16> port, ipv6_t nexthop) {
        standard_metadata.egress_spec = (port_t)port;
        meta.next_hop_v6 = nexthop;
    }
    action forward_vlan(bit<16> port, ipv6_t nexthop, bit<16> vlan_id) {
        forward(port, nexthop);
        meta.vlan = (bit<12>)vlan_id;
    }
    table rtr {
        key = { idx: exact @name("idx"); }
        actions = { forward; forward_vlan; NoAction; }
        size = 16384;
    }
    apply {
        found = rtr.apply().hit;
    }
}

// How long a packet may be on the wire of a port, from its IP header on; a port without an entry takes any.
control PortMtu(in standard_metadata_t standard_metadata, inout bit<16> longest) {
    action limit(bit<16> mtu) {
        longest = mtu;
    }
    table ports {
        key = { standard_metadata.egress_spec: exact @name("port"); }
        actions = { limit; NoAction; }
        size = 256;
    }
    apply {
        ports.apply();
    }
}

control Router(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    V4Index() v4_idx;
    V6Index() v6_idx;
    V4Route() v4_route;
    V6Route() v6_route;
    PortMtu() mtu;

    // The MTU is that of the wire that a packet is too long for, 0 for other errors.
    action icmp_needed(in bit<8> type, in bit<8> code, in bit<16> longest) {
        meta.punt = PUNT_ICMP_NEEDED;
        meta.punt_egress = 0;
        meta.punt_payload = (bit<128>)(longest ++ type ++ code);
    }
    apply {
        bool found;
        bool forwarded = false;
        bit<16> index = 0;
        bit<8> slots = 0;
        bit<16> src_port = 0;
        bit<16> dst_port = 0;
        if (hdr.outer.tcp.isValid()) {
            src_port = hdr.outer.tcp.src_port;
            dst_port = hdr.outer.tcp.dst_port;
        } else if (hdr.outer.udp.isValid()) {
            src_port = hdr.outer.udp.src_port;
            dst_port = hdr.outer.udp.dst_port;
        }
        // Of the packets of one flow all take the same slot: six bits of a CRC-8 over addresses and ports.
        if (hdr.outer.ipv4.isValid()) {
            v4_idx.apply(hdr.outer.ipv4.dst, found, index, slots);
            if (!found || slots == 0) {
                icmp_needed(ICMP_UNREACHABLE, 0, 0);
            } else {
                bit<8> crc = remainder(folded(
                    24w0 ++ hdr.outer.ipv4.dst ++ hdr.outer.ipv4.src ++ dst_port ++ src_port ++ 8w0));
                v4_route.apply(index + (bit<16>)((crc & 0x3f) % slots), found, meta, standard_metadata);
                if (!found) {
                    meta.drop = DROP_V4_UNROUTABLE;
                } else if (hdr.outer.ipv4.ttl == 0) {
                    meta.drop = DROP_V4_TTL_INVALID;
                } else if (hdr.outer.ipv4.ttl == 1) {
                    icmp_needed(ICMP_TIME_EXCEEDED, 0, 0);
                } else {
                    forwarded = true;
                }
            }
        } else {
            v6_idx.apply(hdr.outer.ipv6.dst, found, index, slots);
            if (!found || slots == 0) {
                icmp_needed(ICMPV6_UNREACHABLE, 0, 0);
            } else {
                bit<8> crc = remainder(folded_twice(
                    hdr.outer.ipv6.dst[127:88],
                    hdr.outer.ipv6.dst[87:0] ++ hdr.outer.ipv6.src[127:88],
                    hdr.outer.ipv6.src[87:0] ++ dst_port ++ src_port ++ 8w0));
                v6_route.apply(index + (bit<16>)((crc & 0x3f) % slots), found, meta, standard_metadata);
                if (!found) {
                    meta.drop = DROP_V6_UNROUTABLE;
                } else if (hdr.outer.ipv6.hop_limit == 0) {
                    meta.drop = DROP_V6_TTL_INVALID;
                } else if (hdr.outer.ipv6.hop_limit == 1) {
                    icmp_needed(ICMPV6_TIME_EXCEEDED, 0, 0);
                } else {
                    forwarded = true;
                }
            }
        }
        if (forwarded) {
            bit<16> longest = 0;
            mtu.apply(standard_metadata, longest);
            if (hdr.outer.ipv4.isValid()) {
                if (longest == 0 || hdr.outer.ipv4.total_length <= longest) {
                    hdr.outer.ipv4.ttl = hdr.outer.ipv4.ttl - 1;
                } else if (meta.to_guest || (hdr.outer.ipv4.flags & 2) == 0) {
                    meta.drop = DROP_TOO_LONG;
                } else {
                    icmp_needed(ICMP_UNREACHABLE, ICMP_NEEDS_FRAGMENTS, longest);
                }
            } else if (longest == 0 || (bit<17>)hdr.outer.ipv6.payload_length + 40 <= (bit<17>)longest) {
                hdr.outer.ipv6.hop_limit = hdr.outer.ipv6.hop_limit - 1;
            } else if (meta.to_guest) {
                meta.drop = DROP_TOO_LONG;
            } else {
                icmp_needed(ICMPV6_PACKET_TOO_BIG, 0, longest);
            }
        }
    }
}

// 8: a next hop without a MAC address goes to the processor, which asks for it and sends the frame again.
control Resolver(inout headers_t hdr, inout metadata_t meta, in standard_metadata_t standard_metadata) {
    action rewrite_dst(mac_t mac) {
        hdr.ethernet.dst = mac;
    }
    table resolver_v4 {
        key = { meta.next_hop_v4: exact @name("nexthop"); }
        actions = { rewrite_dst; NoAction; }
        size = 512;
    }
    table resolver_v6 {
        key = { meta.next_hop_v6: exact @name("nexthop"); }
        actions = { rewrite_dst; NoAction; }
        size = 512;
    }
    apply {
        if (meta.next_hop_is_v4) {
            if (resolver_v4.apply().miss) {
                meta.punt = PUNT_ARP_NEEDED;
                meta.punt_payload = (bit<128>)meta.next_hop_v4;
            } else if (hdr.ethernet.dst == 0) {
                meta.drop = DROP_ARP_NULL;
            }
        } else {
            if (resolver_v6.apply().miss) {
                meta.punt = PUNT_NEIGHBOR_NEEDED;
                meta.punt_payload = meta.next_hop_v6;
            } else if (hdr.ethernet.dst == 0) {
                meta.drop = DROP_NDP_NULL;
            }
        }
        meta.punt_egress = standard_metadata.egress_spec;
    }
}

// 9: guests reach the outside by uplinks only, never by way of another sled.
control EgressFilter(inout metadata_t meta, in standard_metadata_t standard_metadata) {
    action allow() { }
    table uplink_ports {
        key = { standard_metadata.egress_spec: exact @name("port"); }
        actions = { allow; NoAction; }
        size = 256;
    }
    apply {
        if (uplink_ports.apply().miss) {
            meta.drop = DROP_NAT_EGRESS_BLOCKED;
        }
    }
}

control Mac(inout headers_t hdr, in standard_metadata_t standard_metadata) {
    action rewrite(mac_t mac) {
        hdr.ethernet.src = mac;
    }
    table mac_rewrite {
        key = { standard_metadata.egress_spec: exact @name("port"); }
        actions = { rewrite; NoAction; }
        size = 256;
    }
    apply {
        if (standard_metadata.egress_spec != CPU_PORT) {
            mac_rewrite.apply();
        }
    }
}

// The tag of a frame is that of the wire it came by; on the way out it is that of the route's target, if it has one.
control Vlan(inout headers_t hdr, in bit<12> id) {
    apply {
        if (hdr.vlan.isValid()) {
            hdr.ethernet.type = hdr.vlan.type;
            hdr.vlan.setInvalid();
        }
        if (id != 0) {
            hdr.vlan.setValid();
            hdr.vlan = { 0, 0, id, hdr.ethernet.type };
            hdr.ethernet.type = ETHERTYPE_VLAN;
        }
    }
}

// To the processor, with the reason; a tag stays behind the sidecar header.
control Punt(inout headers_t hdr, in metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply {
        hdr.sidecar.setValid();
        hdr.sidecar = { meta.punt, 0, (bit<16>)standard_metadata.ingress_port, (bit<16>)meta.punt_egress,
                        hdr.ethernet.type, meta.punt_payload };
        hdr.ethernet.type = ETHERTYPE_SIDECAR;
        standard_metadata.egress_spec = CPU_PORT;
    }
}

// --------------------------------------------------------------------------------------------------------- the pipeline

control ingress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    Sanity() sanity;
    ProxyArp() pxarp;
    Local() local;
    Attached() attached;
    Nat() nat;
    Encapsulate() encapsulate;
    Services() services;
    Decapsulate() decapsulate;
    Router() router;
    Resolver() resolver;
    EgressFilter() egress_filter;
    Mac() mac;
    Vlan() vlan;
    Punt() punt;
    counter(32, CounterType.packets) drops;

    apply {
        if (hdr.sidecar.isValid()) {
            if (standard_metadata.ingress_port == CPU_PORT
                && hdr.sidecar.egress != 0 && hdr.sidecar.egress < NO_PORT) {
                hdr.ethernet.type = hdr.sidecar.type;
                standard_metadata.egress_spec = (port_t)hdr.sidecar.egress;
                hdr.sidecar.setInvalid();
                meta.done = true;
            } else {
                meta.drop = DROP_UNREADABLE;
            }
        } else {
            sanity.apply(hdr, meta, standard_metadata);
            if (meta.drop == DROP_NONE) {
                pxarp.apply(hdr, meta, standard_metadata);
            }
            if (meta.drop == DROP_NONE && !meta.done) {
                local.apply(hdr, meta, standard_metadata);
            }
            bool for_others = !meta.done && !meta.claimed && !meta.link_local;
            if (meta.drop == DROP_NONE && for_others && !hdr.arp.isValid() && !hdr.geneve.isValid()) {
                attached.apply(hdr, meta);
                if (!meta.to_guest) {
                    nat.apply(hdr, meta);
                }
            }
            if (meta.drop == DROP_NONE && meta.uplink && for_others && !meta.to_guest) {
                meta.drop = DROP_NAT_INGRESS_MISS;
            }
            if (meta.drop == DROP_NONE && !meta.done) {
                if (meta.to_guest) {
                    encapsulate.apply(hdr, meta);
                } else {
                    services.apply(hdr, meta, standard_metadata);
                }
            }
            if (meta.from_guest) {
                decapsulate.apply(hdr, meta);
            }
            if (meta.drop == DROP_NONE && meta.punt == 0 && !meta.done) {
                router.apply(hdr, meta, standard_metadata);
                if (meta.drop == DROP_NONE && meta.punt == 0) {
                    if (meta.from_guest) {
                        egress_filter.apply(meta, standard_metadata);
                    }
                    if (meta.drop == DROP_NONE) {
                        resolver.apply(hdr, meta, standard_metadata);
                        vlan.apply(hdr, meta.punt == 0 ? meta.vlan : 0);
                    }
                }
            }
        }
        if (meta.drop != DROP_NONE) {
            drops.count((bit<32>)meta.drop);
            mark_to_drop(standard_metadata);
        } else if (meta.punt != 0) {
            punt.apply(hdr, meta, standard_metadata);
        } else {
            mac.apply(hdr, standard_metadata);
        }
    }
}

control egress(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard_metadata) {
    apply { }
}

control RackCompute(inout headers_t hdr, inout metadata_t meta) {
    apply {
        update_checksum(hdr.outer.ipv4.isValid() && !hdr.outer.ipv4_options.isValid(),
            { IPV4_WITHOUT_CHECKSUM }, hdr.outer.ipv4.checksum, HashAlgorithm.csum16);
        update_checksum(hdr.outer.ipv4_options.isValid(),
            { IPV4_WITHOUT_CHECKSUM, hdr.outer.ipv4_options.options },
            hdr.outer.ipv4.checksum, HashAlgorithm.csum16);
    }
}

// Geneve's options go out in the order of their types, whatever order they came in.
control RackDeparser(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr);
    }
}

V1Switch(RackParser(), RackVerify(), ingress(), egress(), RackCompute(), RackDeparser()) main;
