import type { NativeProgram } from "./native-program.ts";

/** A daemon or command of the rack's network stack, as it is built for nodes. */
export interface StackProgram {
  /** Its module below `src/`, without extension; it exports `main(argv)` and, if there is work for the template, `prepare(argv)`. */
  readonly module: string;
  /** Arguments of `prepare`. */
  readonly prepare: readonly string[];
  /** It handles every packet, and so is worth compiling to machine code. */
  readonly forwards?: true;
  /** Nice value: what carries packets or answers neighbours goes before what is only administered. 0 unless given. */
  readonly nice?: number;
  /** A program in C that it starts. */
  readonly native?: NativeProgram;
}

/** The stack's daemons and commands by name; a kind of node names those that it runs. */
const programs: ReadonlyMap<string, StackProgram> = new Map([
  ["ddmd", { module: "stack/ddm/main", prepare: [], nice: -5 }],
  ["ddmadm", { module: "stack/ddm/ddmadm", prepare: [] }],
  ["dpd", { module: "stack/dpd/main", prepare: [], nice: -2 }],
  ["swadm", { module: "stack/dpd/swadm", prepare: [] }],
  ["tfportd", { module: "stack/tfport/main", prepare: [], nice: -5 }],
  ["lldpd", { module: "stack/lldp/main", prepare: [], nice: 5 }],
  ["lldpadm", { module: "stack/lldp/lldpadm", prepare: [] }],
  ["opted", { module: "stack/opte/opted/main", prepare: [], forwards: true, nice: -5 }],
  ["opteadm", { module: "stack/opte/opteadm/main", prepare: [] }],
  ["mgd", { module: "stack/mgd/main", prepare: [] }],
  ["mgadm", { module: "stack/mgd/mgadm", prepare: [] }],
  ["nexusd", { module: "stack/nexus/main", prepare: [], nice: 5 }],
  ["dnsd", { module: "stack/directory/main", prepare: [], nice: 5 }],
  ["sled-agent", { module: "stack/sled-agent/main", prepare: [], native: "instance-init" }],
  [
    "p4switch",
    {
      module: "stack/dpd/switch-main",
      prepare: ["/opt/kestrel/rack.json", "--", "--enable-swap"],
      forwards: true,
      nice: -5,
    },
  ],
]);

/** P4 programs by name: their source below `src/`. */
const p4Programs: ReadonlyMap<string, string> = new Map([["rack", "stack/dpd/rack.p4"]]);

/** The program of that name; throws for one that is not there, which only a kind of node could name. */
export function stackProgram(name: string): StackProgram {
  const program = programs.get(name);
  if (program === undefined) throw new Error(`the stack has no program ${name}`);
  return program;
}

/** Path below `src/` of the source of a P4 program. */
export function p4ProgramSource(name: string): string {
  const source = p4Programs.get(name);
  if (source === undefined) throw new Error(`the stack has no P4 program ${name}`);
  return source;
}
