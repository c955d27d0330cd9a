import type { Program } from "../format/program.ts";
import { hashFunction } from "../hash/algorithms.ts";
import type { HashFunction } from "../hash/crc.ts";
import { CounterCells, MeterCells, RegisterCells } from "./cells.ts";
import { ProfileState } from "./profile-state.ts";
import { RandomSource } from "./random.ts";
import { TableState } from "./table-state.ts";
import { ValueSetState } from "./value-set-state.ts";

/** Everything that packets and the control plane change of a running program. The arrays go by index in the program. */
export class SwitchState {
  readonly program: Program;
  readonly tables: readonly TableState[];
  readonly profiles: readonly ProfileState[];
  readonly counters: readonly CounterCells[];
  readonly meters: readonly MeterCells[];
  readonly registers: readonly RegisterCells[];
  readonly valueSets: readonly ValueSetState[];
  /** Replaced when the control plane changes a calculation's parameters. */
  readonly hashes: HashFunction[];
  readonly random: RandomSource;
  /** Microseconds since start, of the event that is being handled. */
  now = 0;

  constructor(program: Program, seed: number) {
    this.program = program;
    this.random = new RandomSource(seed);
    this.profiles = program.profiles.map((profile) => {
      const users = program.tables.filter((table) => table.profile === profile);
      return new ProfileState(
        profile,
        users.flatMap(({ actions }) => actions),
      );
    });
    this.tables = program.tables.map(
      (table) => new TableState(table, table.profile === undefined ? undefined : this.profiles[table.profile.index]),
    );
    this.counters = program.counters.map(({ size, table }) => new CounterCells(table === undefined ? size : 0));
    this.meters = program.meters.map(
      ({ size, table, rateCount, unit }) => new MeterCells(table === undefined ? size : 0, rateCount, unit),
    );
    this.registers = program.registers.map(({ size, width }) => new RegisterCells(size, width));
    this.valueSets = program.valueSets.map((set) => new ValueSetState(set));
    this.hashes = program.calculations.map(({ algorithm }) => hashFunction(algorithm));
  }

  /** Empty tables, profiles, counters, meters and registers; value sets and calculations stay as they are. */
  reset(): void {
    for (const table of this.tables) table.empty();
    for (const profile of this.profiles) profile.clear();
    for (const cells of [...this.counters, ...this.meters, ...this.registers]) cells.clear();
  }
}
