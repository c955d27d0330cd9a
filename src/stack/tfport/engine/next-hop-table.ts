/** A next hop: an address behind a port. */
export interface NextHop {
  readonly port: number;
  readonly family: 4 | 6;
  /** 16 bytes; an IPv4 address is in the last four, after zeros. */
  readonly address: Uint8Array;
}

/** Next hops and what is known of each. Looking one up by bytes of a frame allocates nothing. */
export class NextHopTable<Value extends NextHop> {
  readonly #buckets = new Map<number, Value[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What is known of the next hop whose 16 bytes of address begin at `start`. */
  get(port: number, family: 4 | 6, bytes: Uint8Array, start = 0): Value | undefined {
    const bucket = this.#buckets.get(hash(port, family, bytes, start));
    return bucket?.find((value) => isSame(value, port, family, bytes, start));
  }

  /** Add a next hop that is not in the table, or replace what is known of it. */
  set(value: Value): void {
    const { port, family, address } = value;
    const key = hash(port, family, address, 0);
    const bucket = this.#buckets.get(key) ?? [];
    const at = bucket.findIndex((other) => isSame(other, port, family, address, 0));
    if (at >= 0) {
      bucket[at] = value;
      return;
    }
    bucket.push(value);
    this.#buckets.set(key, bucket);
    this.#size += 1;
  }

  delete({ port, family, address }: NextHop): void {
    const key = hash(port, family, address, 0);
    const bucket = this.#buckets.get(key);
    const kept = bucket?.filter((other) => !isSame(other, port, family, address, 0));
    if (bucket === undefined || kept === undefined || kept.length === bucket.length) return;
    this.#size -= 1;
    if (kept.length === 0) this.#buckets.delete(key);
    else this.#buckets.set(key, kept);
  }

  *values(): Iterable<Value> {
    for (const bucket of this.#buckets.values()) yield* bucket;
  }
}

function isSame(value: NextHop, port: number, family: 4 | 6, bytes: Uint8Array, start: number): boolean {
  if (value.port !== port || value.family !== family) return false;
  for (let at = 0; at < 16; at += 1) if (value.address[at] !== bytes[start + at]) return false;
  return true;
}

/** FNV-1a. */
function hash(port: number, family: 4 | 6, bytes: Uint8Array, start: number): number {
  let result = Math.imul(0x811c_9dc5 ^ port, 0x0100_0193) ^ family;
  for (let at = 0; at < 16; at += 1) result = Math.imul(result ^ (bytes[start + at] ?? 0), 0x0100_0193);
  return result;
}
