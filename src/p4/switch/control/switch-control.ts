import { createHash } from "node:crypto";
import type { EngineOptions, EngineOutputs } from "../engine/contract.ts";
import { Engine } from "../engine/engine.ts";
import type { Learning } from "../engine/learning.ts";
import type { Mirroring } from "../engine/mirroring.ts";
import type { Multicast } from "../engine/multicast.ts";
import { loadProgram } from "../format/load.ts";
import type { Calculation, Program } from "../format/program.ts";
import { toeplitzFunction } from "../hash/algorithms.ts";
import { crcFunction, type CrcParameters } from "../hash/crc.ts";
import type { CounterCells, MeterCells, MeterRate, RegisterCells } from "../state/cells.ts";
import { ControlError } from "../state/control-error.ts";
import type { ProfileState } from "../state/profile-state.ts";
import type { TableState } from "../state/table-state.ts";
import type { ValueSetState } from "../state/value-set-state.ts";
import { restoreState, serializeState } from "./serialized-state.ts";

/** Kinds of objects whose ids can be asked for. */
export type ResourceKind = "table" | "profile" | "counter" | "meter" | "register" | "learnList";

/** How a controlled switch works. */
export interface ControlOptions extends EngineOptions {
  /** Whether a changed program may be loaded and swapped in. */
  readonly enableSwap?: boolean;
  /** Microseconds since the switch started; the clock of the packets. */
  readonly clock: () => number;
}

/**
 * A running program and all that a control plane may do with it. Names are those of the JSON; whatever is refused throws
 * a {@link ControlError} with the reference's name for it, and changes nothing.
 */
export class SwitchControl {
  readonly #outputs: EngineOutputs;
  readonly #options: ControlOptions;
  #engine: Engine;
  /** A program that was loaded and waits to be swapped in. */
  #pending: Engine | undefined;

  constructor(program: Program, outputs: EngineOutputs, options: ControlOptions) {
    this.#outputs = outputs;
    this.#options = options;
    this.#engine = new Engine(program, outputs, options);
  }

  /** What packets go through. */
  get engine(): Engine {
    return this.#engine;
  }

  /** What the control plane speaks to: a loaded program even before it is swapped in. */
  get #addressed(): Engine {
    return this.#pending ?? this.#engine;
  }

  /** Microseconds since the switch started. */
  get now(): number {
    return this.#options.clock();
  }

  get multicast(): Multicast {
    return this.#engine.multicast;
  }

  get mirroring(): Mirroring {
    return this.#engine.mirroring;
  }

  get learning(): Learning {
    return this.#addressed.learning;
  }

  /** Throws INVALID_TABLE_NAME. */
  table(name: string): TableState {
    const { tables } = this.#addressed.state;
    const table = tables.find((candidate) => candidate.table.name === name);
    if (table === undefined) throw new ControlError("table", "INVALID_TABLE_NAME", name);
    return table;
  }

  /** Throws INVALID_ACTION_PROFILE_NAME. */
  profile(name: string): ProfileState {
    const profile = this.#addressed.state.profiles.find((candidate) => candidate.profile.name === name);
    if (profile === undefined) throw new ControlError("table", "INVALID_ACTION_PROFILE_NAME", name);
    return profile;
  }

  /** An array of counters, `index` within it if given. Throws INVALID_COUNTER_NAME, INVALID_INDEX. */
  counter(name: string, index = 0): CounterCells {
    const at = this.#addressed.program.counters.findIndex((array) => array.name === name);
    const cells = this.#addressed.state.counters[at];
    if (cells === undefined) throw new ControlError("counter", "INVALID_COUNTER_NAME", name);
    if (index < 0 || index >= cells.size) throw new ControlError("counter", "INVALID_INDEX", `${name}[${index}]`);
    return cells;
  }

  /**
   * An array of meters, `index` within it if given; the cells of direct meters go by the slots of their table.
   * Throws INVALID_METER_NAME, INVALID_INDEX.
   */
  meter(name: string, index = 0): MeterCells {
    const { program, state } = this.#addressed;
    const array = program.meters.find((candidate) => candidate.name === name);
    if (array === undefined) throw new ControlError("meter", "INVALID_METER_NAME", name);
    const direct = state.tables.find(({ table }) => table.meter === array)?.meters;
    const cells = direct ?? state.meters[array.index];
    if (cells === undefined || index < 0 || index >= cells.size) {
      throw new ControlError("meter", "INVALID_INDEX", `${name}[${index}]`);
    }
    return cells;
  }

  /** Set the rates of all cells of a meter array. */
  setAllMeterRates(name: string, rates: readonly MeterRate[]): void {
    const cells = this.meter(name);
    cells.checkRates(rates);
    for (let index = 0; index < cells.size; index += 1) cells.setRates(index, rates, this.now);
  }

  /** A register array, `index` within it if given. Throws INVALID_REGISTER_NAME, INVALID_INDEX. */
  register(name: string, index = 0): RegisterCells {
    const at = this.#addressed.program.registers.findIndex((array) => array.name === name);
    const cells = this.#addressed.state.registers[at];
    if (cells === undefined) throw new ControlError("register", "INVALID_REGISTER_NAME", name);
    if (index < 0 || index >= cells.size) throw new ControlError("register", "INVALID_INDEX", `${name}[${index}]`);
    return cells;
  }

  /** Write registers `start` to `end` - 1. */
  writeRegisterRange(name: string, start: number, end: number, value: bigint): void {
    const cells = this.register(name);
    if (start < 0 || start > end || end > cells.size) {
      throw new ControlError("register", "INVALID_INDEX", `${name}[${start}..${end})`);
    }
    for (let index = start; index < end; index += 1) cells.write(index, value);
  }

  /** Throws INVALID_PARSE_VSET_NAME. */
  valueSet(name: string): ValueSetState {
    const found = this.#addressed.state.valueSets.find(({ set }) => set.name === name);
    if (found === undefined) throw new ControlError("valueSet", "INVALID_PARSE_VSET_NAME", name);
    return found;
  }

  /** New parameters for a calculation of algorithm `crc16_custom` or `crc32_custom`. */
  setCrc(name: string, algorithm: "crc16_custom" | "crc32_custom", parameters: CrcParameters): void {
    this.#setHash(name, algorithm, () => crcFunction(parameters));
  }

  /** A new key, whole words of 4 bytes, for a calculation of algorithm `toeplitz`. */
  setToeplitzKey(name: string, key: Uint8Array): void {
    this.#setHash(name, "toeplitz", () => {
      if (key.length === 0 || key.length % 4 !== 0) throw new ControlError("calculation", "INVALID_KEY");
      return toeplitzFunction(key.slice());
    });
  }

  /** Packets per queue: of one priority of a port, of a port, or of all. 0: no limit. Throws a RangeError. */
  setQueueDepth(packets: number, port?: number, priority?: number): void {
    this.#engine.queues.setDepth(packets, port, priority);
  }

  /** Packets per second: of one priority of a port, of a port, or of all. 0: no limit. Throws a RangeError. */
  setQueueRate(packetsPerSecond: number, port?: number, priority?: number): void {
    this.#engine.queues.setRate(packetsPerSecond, port, priority);
  }

  /** The JSON's id of an object. Throws INVALID_RESOURCE_NAME. */
  idOf(kind: ResourceKind, name: string): number {
    const { program } = this.#addressed;
    const objects: Readonly<Record<ResourceKind, readonly { readonly name: string; readonly id: number }[]>> = {
      table: program.tables,
      profile: program.profiles,
      counter: program.counters,
      meter: program.meters,
      register: program.registers,
      learnList: [...program.learnLists.values()],
    };
    const found = objects[kind].find((candidate) => candidate.name === name);
    if (found === undefined) throw new ControlError("lookup", "INVALID_RESOURCE_NAME", name);
    return found.id;
  }

  /** The text of the program that the control plane speaks to. */
  get config(): string {
    return this.#addressed.program.text;
  }

  get configMd5(): Buffer {
    return createHash("md5").update(this.config).digest();
  }

  /**
   * Load a changed program. From then on the control plane speaks to it, while packets go through the old one until
   * {@link swapConfigs}. Throws CONFIG_SWAP_DISABLED, ONGOING_SWAP, and a ProgramError where the program is wrong.
   */
  loadConfig(text: string): void {
    if (this.#options.enableSwap !== true) throw new ControlError("swap", "CONFIG_SWAP_DISABLED");
    if (this.#pending !== undefined) throw new ControlError("swap", "ONGOING_SWAP");
    this.#pending = new Engine(loadProgram(text), this.#outputs, this.#options, this.#engine);
  }

  /**
   * Let packets go through the loaded program. Those in queues, and on their way back to ingress, leave through the old
   * one first, whatever their rates. Throws CONFIG_SWAP_DISABLED, NO_ONGOING_SWAP.
   */
  swapConfigs(): void {
    if (this.#options.enableSwap !== true) throw new ControlError("swap", "CONFIG_SWAP_DISABLED");
    if (this.#pending === undefined) throw new ControlError("swap", "NO_ONGOING_SWAP");
    this.#engine.drain(this.now);
    this.#engine = this.#pending;
    this.#pending = undefined;
  }

  /** All entries and cells, for {@link restore}. */
  serialize(): Buffer {
    return serializeState(this.#addressed);
  }

  /** Go on with what {@link serialize} gave. Throws P4Error (input); `subject` says where it is from. */
  restore(bytes: Buffer, subject: string): void {
    restoreState(this.#addressed, bytes, subject, this.now);
  }

  /** Empty tables, profiles, cells and groups; mirroring sessions, value sets and queue settings stay. */
  reset(): void {
    this.#addressed.reset();
  }

  #setHash(name: string, algorithm: string, make: () => ReturnType<typeof crcFunction>): void {
    const { program, state } = this.#addressed;
    const calculation = program.calculations.find((candidate: Calculation) => candidate.name === name);
    if (calculation === undefined) throw new ControlError("calculation", "INVALID_CALCULATION_NAME", name);
    if (calculation.algorithm !== algorithm) {
      throw new ControlError("calculation", "WRONG_TYPE_CALCULATION", `${name} is ${calculation.algorithm}`);
    }
    state.hashes[calculation.index] = make();
  }
}
