import { check, libc, NativeMemory, SOL_SOCKET } from "./libc.ts";

/** Programs that the kernel runs on what arrives at a socket (Linux Documentation/networking/filter.rst, classic BPF). */

const SO_ATTACH_FILTER = 26;
const instructionBytes = 8;

const loadByte = 0x30;
const loadHalf = 0x28;
const jumpIfEqual = 0x15;
const answer = 0x06;
/** More than any frame has. */
const whole = 0x4_0000;

/** One instruction: what it does, how many to leave out if true and if false, and its number. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** Lets nothing pass. */
export const passNothing: Buffer = program([[answer, 0, 0, 0]]);

/** Lets Ethernet frames pass that hold an IPv6 packet whose first next header is this number. */
export function passIpv6NextHeader(nextHeader: number): Buffer {
  return program([
    [loadHalf, 0, 0, 12],
    [jumpIfEqual, 0, 3, 0x86dd],
    [loadByte, 0, 0, 20],
    [jumpIfEqual, 0, 1, nextHeader],
    [answer, 0, 0, whole],
    [answer, 0, 0, 0],
  ]);
}

/**
 * Lets Ethernet frames pass that hold an IPv6 packet with a UDP datagram to this port, and those whose upper layer is behind
 * extension headers, where this program does not look.
 */
export function passUdp6Port(port: number): Buffer {
  const [hopByHop, routing, destinationOptions, udp] = [0, 43, 60, 17];
  return program([
    [loadHalf, 0, 0, 12],
    [jumpIfEqual, 0, 5, 0x86dd],
    [loadByte, 0, 0, 20],
    [jumpIfEqual, 4, 0, hopByHop],
    [jumpIfEqual, 3, 0, routing],
    [jumpIfEqual, 2, 0, destinationOptions],
    [jumpIfEqual, 2, 0, udp],
    [answer, 0, 0, 0],
    [answer, 0, 0, whole],
    [loadHalf, 0, 0, 56],
    [jumpIfEqual, 0, 1, port],
    [answer, 0, 0, whole],
    [answer, 0, 0, 0],
  ]);
}

function program(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * instructionBytes);
  for (const [at, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    bytes.writeUInt16LE(code, at * instructionBytes);
    bytes[at * instructionBytes + 2] = ifTrue;
    bytes[at * instructionBytes + 3] = ifFalse;
    bytes.writeUInt32LE(value, at * instructionBytes + 4);
  }
  return bytes;
}

/** Let a socket have only what the program lets pass, from now on. Throws an Error with the name of the errno. */
export function attachFilter(fd: number, filter: Buffer): void {
  // struct sock_fprog holds the program's address.
  using memory = new NativeMemory(filter.length);
  memory.bytes.set(filter);
  const head = Buffer.alloc(16);
  head.writeUInt16LE(filter.length / instructionBytes, 0);
  head.writeBigUInt64LE(memory.address, 8);
  check("SO_ATTACH_FILTER", libc.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, head, head.length));
}
