import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  build,
  explain,
  type Layer,
  packet,
  parse,
  parseAddress,
  parseMac,
  parsePrefix,
} from "../../../src/packet/index.ts";
import { compileP4, describeDiagnostic, IncludeFolders } from "../../../src/p4/compiler/index.ts";
import { SwitchControl } from "../../../src/p4/switch/control/switch-control.ts";
import type { EngineOptions } from "../../../src/p4/switch/engine/contract.ts";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import type { KeyPart } from "../../../src/p4/switch/state/key.ts";

const file = join(import.meta.dirname, "../../../src/stack/dpd/rack.p4");

/** Compile the rack's program; has to succeed without a warning. */
export function compileRack(): string {
  const { json, diagnostics } = compileP4(readFileSync(file, "utf8"), "rack.p4", { includes: new IncludeFolders() });
  if (json === undefined || diagnostics.length > 0) throw new Error(diagnostics.map(describeDiagnostic).join("\n\n"));
  return JSON.stringify(json);
}

/** The rack's program. */
export const program = loadProgram(compileRack());

/** Where a route's packets go. */
export interface Target {
  readonly port: number;
  readonly nextHop: string;
  readonly vlan?: number;
}

/** Where a guest is. */
export interface Guest {
  readonly sled: string;
  readonly vni: number;
  readonly mac: string;
}

/** A frame at a port, for comparison: as fields for who reads a failure, and as bytes. */
export interface Frame {
  readonly port: number;
  readonly fields: string;
  readonly bytes: string;
}

/** A frame that is expected. */
export function frame(port: number, ...layers: readonly Layer[]): Frame {
  return frameOf(port, build(packet(...layers)));
}

/** A frame at a port, of given bytes. */
export function frameOf(port: number, bytes: Uint8Array): Frame {
  return { port, fields: explain(parse(bytes)), bytes: Buffer.from(bytes).toString("hex") };
}

/** The rack's switch with its tables, in the words of the control plane. */
export class RackSwitch {
  readonly control: SwitchControl;
  #sent: Frame[] = [];
  #nextIndex = 0;

  constructor(execution: NonNullable<EngineOptions["execution"]>) {
    const send = (port: number, bytes: Uint8Array, start: number, length: number): void => {
      this.#sent.push(frameOf(port, bytes.subarray(start, start + length)));
    };
    this.control = new SwitchControl(program, { send }, { execution, clock: () => 0 });
  }

  /** Give a packet in; returns what leaves. */
  send(port: number, ...layers: readonly Layer[]): readonly Frame[] {
    return this.sendBytes(port, build(packet(...layers)));
  }

  sendBytes(port: number, bytes: Uint8Array): readonly Frame[] {
    this.#sent = [];
    this.control.engine.receive(port, bytes, 0, bytes.length, 0);
    return this.#sent;
  }

  /** Frames dropped for a reason. */
  drops(reason: number): number {
    return Number(this.control.counter("ingress.drops").read(reason).packets);
  }

  /** An address of one port: claimed there, refused on all others. */
  portAddress(port: number, address: string): void {
    const { version, value } = addressOf(address);
    const everywhere: KeyPart = { kind: "ternary", value: 0n, mask: 0n };
    const here: KeyPart = { kind: "ternary", value: BigInt(port), mask: 0x1ffn };
    this.#local(address, here, "claim", 1);
    this.control
      .table(`ingress.local.local_v${version}`)
      .add([{ kind: "exact", value }, everywhere], `ingress.local.drop_v${version}`, [], 2, 0);
  }

  /** An address of the switch, on whatever port. */
  loopback(address: string): void {
    this.#local(address, { kind: "ternary", value: 0n, mask: 0n }, "claim", 2);
  }

  uplink(port: number): void {
    const key: readonly KeyPart[] = [{ kind: "exact", value: BigInt(port) }];
    this.control.table("ingress.local.uplink_ports").add(key, "ingress.local.set_uplink", [], -1, 0);
    this.control.table("ingress.egress_filter.uplink_ports").add(key, "ingress.egress_filter.allow", [], -1, 0);
  }

  portMac(port: number, mac: string): void {
    const key: readonly KeyPart[] = [{ kind: "exact", value: BigInt(port) }];
    this.control.table("ingress.mac.mac_rewrite").add(key, "ingress.mac.rewrite", [macOf(mac)], -1, 0);
  }

  neighbor(address: string, mac: string): void {
    const { version, value } = addressOf(address);
    this.control
      .table(`ingress.resolver.resolver_v${version}`)
      .add([{ kind: "exact", value }], "ingress.resolver.rewrite_dst", [macOf(mac)], -1, 0);
  }

  /** Returns what removes the route again. */
  route(prefix: string, ...targets: readonly Target[]): () => void {
    const { address, length } = parsePrefix(prefix);
    const { version, value } = addressOf(address);
    const first = this.#nextIndex;
    this.#nextIndex += targets.length;
    for (const [at, { port, nextHop, vlan }] of targets.entries()) {
      const hop = addressOf(nextHop);
      const name = `forward${vlan === undefined ? "" : "_vlan"}${version === 4 && hop.version === 6 ? "_v6" : ""}`;
      const data = [BigInt(port), hop.value, ...(vlan === undefined ? [] : [BigInt(vlan)])];
      this.control
        .table(`ingress.router.v${version}_route.rtr`)
        .add([{ kind: "exact", value: BigInt(first + at) }], `ingress.router.v${version}_route.${name}`, data, -1, 0);
    }
    const index = this.control.table(`ingress.router.v${version}_idx.rtr`);
    const handle = index.add(
      [{ kind: "lpm", value, prefixLength: length }],
      `ingress.router.v${version}_idx.index`,
      [BigInt(first), BigInt(targets.length)],
      -1,
      0,
    );
    return () => {
      index.delete(handle);
    };
  }

  nat(address: string, [low, high]: readonly [number, number], guest: Guest): void {
    const { version, value } = addressOf(address);
    const range: KeyPart = { kind: "range", start: BigInt(low), end: BigInt(high) };
    this.control
      .table(`ingress.nat.nat_v${version}`)
      .add([{ kind: "exact", value }, range], "ingress.nat.forward_to_sled", guestData(guest), 1, 0);
  }

  attachedSubnet(prefix: string, guest: Guest): void {
    const { address, length } = parsePrefix(prefix);
    const { version, value } = addressOf(address);
    this.control
      .table(`ingress.attached.attached_subnet_v${version}`)
      .add([{ kind: "lpm", value, prefixLength: length }], "ingress.attached.forward_to_sled", guestData(guest), -1, 0);
  }

  #local(address: string, port: KeyPart, action: string, priority: number): void {
    const { version, value } = addressOf(address);
    this.control
      .table(`ingress.local.local_v${version}`)
      .add([{ kind: "exact", value }, port], `ingress.local.${action}`, [], priority, 0);
  }
}

function guestData({ sled, vni, mac }: Guest): readonly bigint[] {
  return [addressOf(sled).value, BigInt(vni), macOf(mac)];
}

function addressOf(text: string): { readonly version: 4 | 6; readonly value: bigint } {
  const bytes = parseAddress(text);
  return { version: bytes.length === 4 ? 4 : 6, value: numberOf(bytes) };
}

function macOf(text: string): bigint {
  return numberOf(parseMac(text));
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}
