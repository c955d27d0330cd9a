/*
 * The v1model architecture, as the behavioral switch has it: parser, checksum verification, ingress, egress,
 * checksum update, deparser.
 */
#ifndef _V1_MODEL_P4_
#define _V1_MODEL_P4_

#ifndef V1MODEL_VERSION
#define V1MODEL_VERSION 20180101
#endif
const bit<32> __v1model_version = V1MODEL_VERSION;

#include <core.p4>

match_kind {
    range,
    // Either an exact value or none at all.
    optional,
    // Input to the choice of a member of a group.
    selector
}

#if V1MODEL_VERSION >= 20200408
typedef bit<9> PortId_t;
#define PORT_ID PortId_t
#else
#define PORT_ID bit<9>
#endif

@metadata @name("standard_metadata")
struct standard_metadata_t {
    PORT_ID  ingress_port;
    PORT_ID  egress_spec;
    PORT_ID  egress_port;
    bit<32>  instance_type;
    bit<32>  packet_length;
    // Microseconds, when the packet was queued.
    @alias("queueing_metadata.enq_timestamp")
    bit<32>  enq_timestamp;
    // Depth of the queue, in packets, at that time.
    @alias("queueing_metadata.enq_qdepth")
    bit<19>  enq_qdepth;
    // Microseconds spent in the queue.
    @alias("queueing_metadata.deq_timedelta")
    bit<32>  deq_timedelta;
    @alias("queueing_metadata.deq_qdepth")
    bit<19>  deq_qdepth;
    @alias("intrinsic_metadata.ingress_global_timestamp")
    bit<48>  ingress_global_timestamp;
    @alias("intrinsic_metadata.egress_global_timestamp")
    bit<48>  egress_global_timestamp;
    // Multicast group; 0 for none.
    @alias("intrinsic_metadata.mcast_grp")
    bit<16>  mcast_grp;
    // Which copy of a multicast packet this is.
    @alias("intrinsic_metadata.egress_rid")
    bit<16>  egress_rid;
    // 1 when verify_checksum found a difference.
    bit<1>   checksum_error;
    error    parser_error;
    @alias("intrinsic_metadata.priority")
    bit<3>   priority;
}
#undef PORT_ID

enum CounterType {
    packets,
    bytes,
    packets_and_bytes
}

enum MeterType {
    packets,
    bytes
}

enum HashAlgorithm {
    crc32,
    crc32_custom,
    crc16,
    crc16_custom,
    random,
    identity,
    csum16,
    xor16
}

enum CloneType {
    I2E,
    E2E
}

/// An array of counters.
extern counter
#if V1MODEL_VERSION >= 20200408
<I>
#endif
{
    counter(bit<32> size, CounterType type);
#if V1MODEL_VERSION >= 20200408
    void count(in I index);
#else
    void count(in bit<32> index);
#endif
}

/// A counter for each entry of the table that has it as its `counters`.
extern direct_counter {
    direct_counter(CounterType type);
    void count();
}

/// An array of two-rate three-colour meters: 0 green, 1 yellow, 2 red.
extern meter
#if V1MODEL_VERSION >= 20200408
<I>
#endif
{
    meter(bit<32> size, MeterType type);
#if V1MODEL_VERSION >= 20200408
    void execute_meter<T>(in I index, out T result);
#else
    void execute_meter<T>(in bit<32> index, out T result);
#endif
}

/// A meter for each entry of the table that has it as its `meters`.
extern direct_meter<T> {
    direct_meter(MeterType type);
    void read(out T result);
}

/// An array of cells that outlive packets.
extern register
#if V1MODEL_VERSION >= 20200408
<T, I>
#else
<T>
#endif
{
    register(bit<32> size);
#if V1MODEL_VERSION >= 20200408
    register(bit<32> size, T initial_value);
    void read(out T result, in I index);
    void write(in I index, in T value);
#else
    void read(out T result, in bit<32> index);
    void write(in bit<32> index, in T value);
#endif
}

/// Members that entries of a table refer to, instead of an action of their own.
extern action_profile {
    action_profile(bit<32> size);
}

/// An action profile with groups, of which the hash of the `selector` keys picks a member.
extern action_selector {
    action_selector(HashAlgorithm algorithm, bit<32> size, bit<32> outputWidth);
}

/// Drop the packet at the end of ingress or egress, unless egress_spec is set again.
extern void mark_to_drop();
extern void mark_to_drop(inout standard_metadata_t standard_metadata);

/// result = base + hash(data) mod max.
extern void hash<O, T, D, M>(out O result, in HashAlgorithm algo, in T base, in D data, in M max);

/// A number from lo to hi, both included, each equally likely.
extern void random<T>(out T result, in T lo, in T hi);

/// Send the data to the control plane at the end of ingress.
extern void digest<T>(in bit<32> receiver, in T data);

/// While the condition holds: checksum_error becomes 1 when the checksum of the data is another one.
extern void verify_checksum<T, O>(in bool condition, in T data, in O checksum, HashAlgorithm algo);
/// While the condition holds: store the checksum of the data.
extern void update_checksum<T, O>(in bool condition, in T data, inout O checksum, HashAlgorithm algo);
/// The same over the data and what follows the parsed headers.
extern void verify_checksum_with_payload<T, O>(in bool condition, in T data, in O checksum, HashAlgorithm algo);
extern void update_checksum_with_payload<T, O>(in bool condition, in T data, inout O checksum, HashAlgorithm algo);

/// Start the original packet over at the end of ingress, with the metadata fields that are in this @field_list.
extern void resubmit_preserving_field_list(bit<8> index);
extern void resubmit<T>(in T data);
/// Start the deparsed packet over at the end of egress.
extern void recirculate_preserving_field_list(bit<8> index);
extern void recirculate<T>(in T data);

/// A copy of the packet to where the session says.
extern void clone(in CloneType type, in bit<32> session);
extern void clone3<T>(in CloneType type, in bit<32> session, in T data);
extern void clone_preserving_field_list(in CloneType type, in bit<32> session, bit<8> index);

/// Cut the packet to this many bytes when it is sent.
extern void truncate(in bit<32> length);

/// The program is wrong if the condition does not hold.
extern void assert(in bool check);
/// The program may rely on the condition.
extern void assume(in bool check);

/// Log a text; each {} in it stands for the next value of the data.
extern void log_msg(string msg);
extern void log_msg<T>(string msg, in T data);

parser Parser<H, M>(
    packet_in b,
    out H parsedHdr,
    inout M meta,
    inout standard_metadata_t standard_metadata);

control VerifyChecksum<H, M>(inout H hdr, inout M meta);

@pipeline
control Ingress<H, M>(inout H hdr, inout M meta, inout standard_metadata_t standard_metadata);

@pipeline
control Egress<H, M>(inout H hdr, inout M meta, inout standard_metadata_t standard_metadata);

control ComputeChecksum<H, M>(inout H hdr, inout M meta);

@deparser
control Deparser<H>(packet_out b, in H hdr);

package V1Switch<H, M>(
    Parser<H, M> p,
    VerifyChecksum<H, M> vr,
    Ingress<H, M> ig,
    Egress<H, M> eg,
    ComputeChecksum<H, M> ck,
    Deparser<H> dep);

#endif
