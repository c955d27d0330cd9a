import { inspect } from "node:util";
import type { Layer } from "../../../src/packet/index.ts";
import { build, packet } from "../../../src/packet/index.ts";
import {
  MemoryPort,
  serveThrift,
  SwitchDevice,
  switchServices,
  type ThriftServer,
} from "../../../src/p4/switch/index.ts";
import { type ApiAnswer, requestApi } from "../../../src/stack/daemon/request.ts";
import { dpdConfigurationSchema } from "../../../src/stack/dpd/configuration.ts";
import { type RunningDpd, runDpd } from "../../../src/stack/dpd/run-dpd.ts";
import { freePort } from "../../host/free-port.ts";
import { portMac } from "./rack-fixture.ts";
import { type Frame, frameOf, program } from "./rack-switch.ts";

/** Ports of the switch under test: number 0 is the processor, 1 and 2 lead to sleds, 3 and 4 to customers. */
export const portIds = ["rear0", "rear1", "qsfp0", "qsfp1"] as const;

/** A switch with ports in memory, programmed over TCP. */
export class ServedSwitch implements AsyncDisposable {
  /** Called after each operation on a table, before it is answered. */
  afterOperation: () => void = () => undefined;
  #device = new SwitchDevice(program);
  readonly #ports = new Map<number, MemoryPort>();
  #thrift: ThriftServer | undefined;
  readonly #port: number;

  /** @param port - what it listens on, also when it is started anew */
  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<ServedSwitch> {
    const served = new ServedSwitch(await freePort());
    await served.begin();
    return served;
  }

  get device(): SwitchDevice {
    return this.#device;
  }

  get thriftPort(): number {
    return this.#port;
  }

  /** End the switch; its port is not listened on any more. */
  async end(): Promise<void> {
    await this.#thrift?.[Symbol.asyncDispose]();
    await this.#device[Symbol.asyncDispose]();
    this.#thrift = undefined;
  }

  /** Start it anew, with empty tables. */
  async begin(): Promise<void> {
    this.#device = new SwitchDevice(program);
    for (let number = 0; number <= portIds.length; number++) {
      await this.#device.addPort(number, (events) => {
        const memory = new MemoryPort(`port${number}`, events);
        this.#ports.set(number, memory);
        return Promise.resolve(memory);
      });
    }
    const device = {
      deviceId: 0,
      thriftPort: 0,
      notifications: "",
      addPort: () => Promise.reject(new Error("ports are fixed")),
      removePort: () => Promise.reject(new Error("ports are fixed")),
      ports: () => [],
    };
    const services = observed(switchServices(this.#device.control, device), () => {
      this.afterOperation();
    });
    this.#thrift = await serveThrift(services, { port: this.#port, host: "127.0.0.1" });
  }

  /** Give a packet in; returns what leaves. */
  send(port: number, ...layers: readonly Layer[]): readonly Frame[] {
    for (const memory of this.#ports.values()) memory.sent.length = 0;
    this.#ports.get(port)?.receive(build(packet(...layers)));
    return [...this.#ports].flatMap(([number, { sent }]) => sent.map((bytes) => frameOf(number, bytes)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

const tableOperations = ["bm_mt_add_entry", "bm_mt_modify_entry", "bm_mt_delete_entry"];

/** The same services, which tell when a table was changed. */
function observed(services: ReturnType<typeof switchServices>, changed: () => void): ReturnType<typeof switchServices> {
  const standard = new Map(services.get("standard"));
  for (const name of tableOperations) {
    const method = standard.get(name);
    if (method === undefined) throw new Error(`no method ${name}`);
    const handle = (values: unknown): unknown => {
      const result = method.handle(values);
      changed();
      return result;
    };
    standard.set(name, { ...method, handle });
  }
  return new Map([...services, ["standard", standard]]);
}

/** A request's method, path and body, for a test to read like a table. */
export type Call = (
  method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
) => Promise<ApiAnswer & { readonly value: unknown }>;

/** A dpd with its switch. */
export interface TestedDpd extends AsyncDisposable {
  readonly dpd: RunningDpd;
  readonly switch: ServedSwitch;
  readonly call: Call;
}

/** A dpd alone. */
export type DpdAlone = Pick<TestedDpd, "dpd" | "call"> & AsyncDisposable;

/** The configuration of a dpd that programs a switch at this port. */
export function configurationFor(thriftPort: number, more: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    listen: { host: "::1", port: 0 },
    p4switch: { port: thriftPort },
    ports: portIds.map((id, at) => ({ id, interface: `test-${id}`, number: at + 1, mac: portMac(at + 1) })),
    ...more,
  };
}

/** Start a dpd and a switch, and wait until the switch holds what it shall. */
export async function startDpd(more: Readonly<Record<string, unknown>> = {}): Promise<TestedDpd> {
  const served = await ServedSwitch.start();
  const { dpd, call, [Symbol.asyncDispose]: end } = await startDpdOn(served, more);
  return {
    dpd,
    call,
    switch: served,
    async [Symbol.asyncDispose]() {
      await end();
      await served[Symbol.asyncDispose]();
    },
  };
}

/** Start a dpd for a switch that is there, and wait until it holds what it shall. */
export async function startDpdOn(
  served: ServedSwitch,
  more: Readonly<Record<string, unknown>> = {},
): Promise<DpdAlone> {
  const configuration = dpdConfigurationSchema.parse(configurationFor(served.thriftPort, more));
  const faults: unknown[] = [];
  const dpd = await runDpd(configuration, {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (fault: unknown) => faults.push(fault),
  });
  await dpd.control.driver.synced;
  return {
    dpd,
    call: caller(dpd.port),
    async [Symbol.asyncDispose]() {
      await dpd[Symbol.asyncDispose]();
      if (faults.length > 0) throw new Error(`dpd has faults of its own: ${inspect(faults)}`);
    },
  };
}

/** Requests to the API at a port. */
export function caller(port: number): Call {
  return async (method, path, body) => {
    const answer = await requestApi({ host: "::1", port }, { method, path, body, timeoutMs: 20_000 });
    return { ...answer, value: answer.body === "" ? undefined : (JSON.parse(answer.body) as unknown) };
  };
}

/** A MAC address in the API's form. */
export function apiMac(text: string): { readonly a: readonly number[] } {
  return { a: text.split(":").map((byte) => Number.parseInt(byte, 16)) };
}

/** What the switch's tables hold, a line for each row; equal for equal tables. */
export function tableText({ device }: ServedSwitch): readonly string[] {
  return device.control.engine.state.tables
    .flatMap((state) =>
      [...state.entries()].map((entry) => {
        const call = entry.outcome.kind === "call" ? entry.outcome.call : undefined;
        return inspect([state.table.name, entry.key, entry.priority, call?.action.name, call?.data], {
          breakLength: Infinity,
          depth: 5,
        });
      }),
    )
    .sort();
}

/** A part of a path. */
export const part = encodeURIComponent;
