import { getSystemErrorName } from "node:util";
import koffi from "koffi";

/** The calls of the C library that this folder makes, and how their failures are told. */

const library = koffi.load(null);

/** Addresses are numbers (of native memory) or Buffers that the call reads before it returns. */
export const libc = {
  socket: library.func("int socket(int domain, int type, int protocol)"),
  bind: library.func("int bind(int fd, void *address, unsigned int length)"),
  close: library.func("int close(int fd)"),
  getsockopt: library.func("int getsockopt(int fd, int level, int option, void *value, void *length)"),
  setsockopt: library.func("int setsockopt(int fd, int level, int option, void *value, unsigned int length)"),
  nameToIndex: library.func("unsigned int if_nametoindex(const char *name)"),
  sendmmsg: library.func("int sendmmsg(int fd, void *messages, unsigned int count, int flags)"),
  send: library.func("int64_t send(int fd, void *bytes, size_t length, int flags)"),
  recvfrom: library.func(
    "int64_t recvfrom(int fd, void *bytes, size_t length, int flags, void *address, void *addressLength)",
  ),
  read: library.func("int64_t read(int fd, void *bytes, size_t length)"),
  write: library.func("int64_t write(int fd, void *bytes, size_t length)"),
  mmap: library.func("void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)"),
  munmap: library.func("int munmap(void *address, size_t length)"),
  ioctl: library.func("int ioctl(int fd, unsigned long request, ...)"),
};

/** Tells from the event loop that a descriptor is ready, until it is closed. */
export type PollHandle = ReturnType<typeof koffi.node.poll>;

/** Flags of socket types, and of calls. */
export const SOCK_NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;
export const SOCK_RAW = 3;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const SOL_SOCKET = 1;
export const SOL_PACKET = 263;
export const SO_ERROR = 4;
export const SO_RCVBUF = 8;

/** Numbers of errors that are looked at. */
export const errno = { interrupted: 4, again: 11, notSupported: 95, noBuffers: 105 } as const;

/** The result of a call; throws an Error with the call and the name of its errno if it is negative. */
export function check(call: string, result: unknown): number {
  const number = Number(result);
  if (number >= 0) return number;
  throw new Error(`${call}: ${errnoName()}`);
}

/** The name of the last call's errno. */
export function errnoName(): string {
  return getSystemErrorName(-koffi.errno());
}

/** An int, as setsockopt(2) and ioctl(2) take it. */
export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** Memory that the kernel and this program both see, at an address that stays. */
export class NativeMemory implements Disposable {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #memory: unknown;

  /** `size` bytes, not cleared. */
  constructor(size: number) {
    this.#memory = koffi.alloc("uint8_t", size);
    this.address = koffi.address(this.#memory);
    const memory = koffi.view(this.#memory, size);
    this.bytes = new Uint8Array(memory);
    this.view = new DataView(memory);
  }

  /** Neither `bytes` nor `view` may be used from then on. */
  [Symbol.dispose](): void {
    koffi.free(this.#memory);
  }
}
