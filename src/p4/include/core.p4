/*
 * The core library of P4-16: what the language specification 1.2 requires every architecture to have.
 */
#ifndef _CORE_P4_
#define _CORE_P4_

/// What a parser may find.
error {
    NoError,           // nothing
    PacketTooShort,    // not enough bits left to extract
    NoMatch,           // no case of a select applies
    StackOutOfBounds,  // a header stack is full, or empty
    HeaderTooShort,    // more bits for a varbit than it holds
    ParserTimeout,     // the parser took too long
    ParserInvalidArgument
}

/// The packet that is being parsed.
extern packet_in {
    /// Read a header and advance. Errors: PacketTooShort, StackOutOfBounds.
    void extract<T>(out T hdr);
    /// Read a header whose varbit has this many bits. Errors: also HeaderTooShort, ParserInvalidArgument.
    void extract<T>(out T variableSizeHeader, in bit<32> variableFieldSizeInBits);
    /// Read without advancing.
    T lookahead<T>();
    /// Skip bits.
    void advance(in bit<32> sizeInBits);
    /// Length of the packet in bytes, where the target knows it.
    bit<32> length();
}

/// The packet that is being built.
extern packet_out {
    /// Append a header if it is valid, or everything in a struct, stack or union.
    void emit<T>(in T hdr);
}

/// Stop parsing with this error unless the condition holds.
extern void verify(in bool check, in error toSignal);

/// Does nothing.
@noWarn("unused")
action NoAction() {}

match_kind {
    exact,
    ternary,
    lpm
}

/// True at compile time only when the argument is known then; never more than a check.
extern bool static_assert(bool check, string message);
extern bool static_assert(bool check);

#endif
