import {
  build,
  type Ethernet,
  formatIpv4,
  formatIpv6,
  type Layer,
  packet,
  parse,
  parseAddress,
  parseMac,
  sidecar,
  type SidecarCode,
} from "../../../src/packet/index.ts";
import type { NextHop } from "../../../src/stack/tfport/engine/next-hop-table.ts";
import { TfportEngine, type TfportOptions } from "../../../src/stack/tfport/engine/tfport-engine.ts";

/** The MAC address of a port of the switch. */
export const portMac = (port: number): string => `a8:40:25:00:00:0${port}`;
/** The MAC address of who is behind a port. */
export const peerMac = (port: number): string => `a8:40:25:01:00:0${port}`;

export const options: TfportOptions = {
  icmpSource: { ipv4: "203.0.113.1", ipv6: "fd00:1122:3344:1f0::1" },
  icmpRate: { perSecond: 10, burst: 5 },
  mtu: 9000,
  resolution: { framesPerNextHop: 3, bytes: 20_000, nextHops: 2, answerMs: 5000, failureMs: 1000 },
};

/** What an engine did, as packets. */
export type Done =
  | { readonly toKernel: number; readonly layers: readonly Layer[] }
  | { readonly toSwitch: readonly Layer[] }
  | { readonly resolve: string; readonly port: number };

/** An engine with ports 1 and 2, both with carrier. */
export class EngineFixture {
  readonly done: Done[] = [];
  readonly engine: TfportEngine;
  now = 0;

  constructor(changed: Partial<TfportOptions> = {}) {
    this.engine = new TfportEngine(
      { ...options, ...changed },
      {
        toKernel: (port, bytes, start, length) => {
          this.done.push({ toKernel: port, layers: parse(bytes.subarray(start, start + length)).layers });
        },
        toSwitch: (bytes, start, length) => {
          this.done.push({ toSwitch: parse(bytes.subarray(start, start + length)).layers });
        },
        resolve: (hop) => {
          this.done.push({ resolve: addressOf(hop), port: hop.port });
        },
      },
    );
    for (const port of [1, 2]) this.port(port, true);
  }

  port(port: number, carrier: boolean): void {
    this.engine.setPort({ port, mac: parseMac(portMac(port)), carrier }, this.now);
  }

  /** What the engine does with a frame of the switch: the sidecar header goes between the first layer and the others. */
  punt(
    code: SidecarCode,
    ports: { ingress: number; egress?: number; data?: Uint8Array },
    [first, ...rest]: readonly [Ethernet, ...Layer[]],
  ): readonly Done[] {
    const { ingress, egress = 0, data = new Uint8Array(16) } = ports;
    return this.bytesFromSwitch(build(packet(first, sidecar({ code, ingress, egress, data }), ...rest)));
  }

  bytesFromSwitch(bytes: Uint8Array): readonly Done[] {
    return this.after(() => {
      // A frame lies somewhere in a larger memory, and its bytes may change.
      const memory = new Uint8Array(bytes.length + 100);
      memory.set(bytes, 40);
      this.engine.frameFromSwitch(memory, 40, bytes.length, this.now);
    });
  }

  found(port: number, address: string, mac: string): readonly Done[] {
    return this.after(() => {
      this.engine.neighbourFound(nextHop(port, address), parseMac(mac), this.now);
    });
  }

  lost(port: number, address: string): readonly Done[] {
    return this.after(() => {
      this.engine.neighbourLost(nextHop(port, address), this.now);
    });
  }

  advance(ms: number): readonly Done[] {
    this.now += ms;
    return this.after(() => {
      this.engine.advance(this.now);
    });
  }

  after(act: () => void): readonly Done[] {
    this.done.length = 0;
    act();
    return [...this.done];
  }

  /** The counters that are not zero. */
  get counted(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.engine.counters).filter(([, count]) => count > 0));
  }
}

/** An address as a sidecar header has it, 16 bytes. */
export function nextHopData(address: string): Uint8Array {
  const bytes = parseAddress(address);
  const data = new Uint8Array(16);
  data.set(bytes, 16 - bytes.length);
  return data;
}

function nextHop(port: number, address: string): NextHop {
  return { port, family: address.includes(":") ? 6 : 4, address: nextHopData(address) };
}

function addressOf({ family, address }: NextHop): string {
  return family === 4 ? formatIpv4(address, 12) : formatIpv6(address);
}
