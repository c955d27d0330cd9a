import { closeSync, constants, openSync } from "node:fs";
import koffi from "koffi";
import { check, errno, integer, libc, NativeMemory, type PollHandle } from "./libc.ts";
import { batchSize, type FrameTaker } from "./packet-socket.ts";

/**
 * A TAP device (Linux Documentation/networking/tuntap.rst): an interface of the kernel whose other end is this program. It is
 * gone when it is closed, however the program ends. Usable like a packet socket.
 */
export interface Tap extends Disposable {
  readonly name: string;
  /** Of the interface. */
  readonly index: number;
  /** Frames that the kernel did not take, because the interface was down or its queue full. */
  readonly sendDrops: number;
  /**
   * Take up to {@link batchSize} frames that the kernel sent on the interface; `take` gets each as
   * `bytes[start, start + length)`, valid until it returns. Returns how many there were; does not wait.
   */
  receive(take: FrameTaker): number;
  /** Give the kernel a frame as if the interface had received it. */
  send(bytes: Uint8Array, start: number, length: number): void;
  /** Call `ready` from the event loop whenever there are frames to receive, until the device is closed. */
  watch(ready: () => void): void;
  /** Whether the interface has a signal; it has when it is made. */
  setCarrier(up: boolean): void;
}

const TUNSETIFF = 0x4004_54ca;
const TUNSETCARRIER = 0x4004_54e2;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
/** Never join an interface that exists. */
const IFF_TUN_EXCL = 0x8000;
const interfaceRequestBytes = 40;
const maxNameLength = 15;
const longestFrame = 65_600;

/**
 * Make an interface of this name, which must not exist.
 *
 * @throws Error with the call and the name of its errno: EBUSY for a name that is taken, EPERM without CAP_NET_ADMIN
 */
export function openTap(name: string): Tap {
  if (name === "" || Buffer.byteLength(name) > maxNameLength || /[/%\s]/.test(name)) {
    throw new Error(
      `open a TAP device: expected a name of 1 to ${maxNameLength} bytes without / or %, found "${name}"`,
    );
  }
  const fd = openSync("/dev/net/tun", constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const request = Buffer.alloc(interfaceRequestBytes);
    request.write(name, 0, "latin1");
    request.writeUInt16LE(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL, 16);
    check(`TUNSETIFF ${name}`, libc.ioctl(fd, TUNSETIFF, "void *", request));
    return new NativeTap(fd, name, Number(libc.nameToIndex(name)));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class NativeTap implements Tap {
  sendDrops = 0;
  readonly name: string;
  readonly index: number;
  readonly #fd: number;
  readonly #incoming = new NativeMemory(longestFrame);
  readonly #outgoing = new NativeMemory(longestFrame);
  #poll: PollHandle | undefined;
  #closed = false;

  constructor(fd: number, name: string, index: number) {
    this.#fd = fd;
    this.name = name;
    this.index = index;
  }

  receive(take: FrameTaker): number {
    for (let count = 0; count < batchSize; count += 1) {
      // What is done with a frame may be to close the device.
      if (this.#closed) return count;
      const length = Number(libc.read(this.#fd, this.#incoming.address, longestFrame));
      if (length <= 0) {
        // Deleted by another program, it would be ready for ever.
        if (length < 0 && koffi.errno() !== errno.again && koffi.errno() !== errno.interrupted) this.#unwatch();
        return count;
      }
      take(this.#incoming.bytes, 0, length, false);
    }
    return batchSize;
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    if (this.#closed || length > longestFrame) {
      this.sendDrops += 1;
      return;
    }
    const target = this.#outgoing.bytes;
    if (length <= 256) for (let at = 0; at < length; at += 1) target[at] = bytes[start + at] ?? 0;
    else target.set(bytes.subarray(start, start + length));
    for (;;) {
      if (Number(libc.write(this.#fd, this.#outgoing.address, length)) >= 0) return;
      if (koffi.errno() === errno.interrupted) continue;
      this.sendDrops += 1;
      return;
    }
  }

  watch(ready: () => void): void {
    this.#poll = koffi.node.poll(this.#fd, { readable: true }, ready);
  }

  setCarrier(up: boolean): void {
    if (this.#closed) return;
    check(`TUNSETCARRIER ${this.name}`, libc.ioctl(this.#fd, TUNSETCARRIER, "void *", integer(up ? 1 : 0)));
  }

  #unwatch(): void {
    this.#poll?.close();
    this.#poll = undefined;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwatch();
    closeSync(this.#fd);
    this.#incoming[Symbol.dispose]();
    this.#outgoing[Symbol.dispose]();
  }
}
