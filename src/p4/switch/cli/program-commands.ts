import { readFile, writeFile } from "node:fs/promises";
import type { Calculation, ValueSet } from "../format/program.ts";
import { numberToBytes } from "../state/key.ts";
import { swapProgram } from "../thrift/swap-program.ts";
import { find } from "./catalogue.ts";
import { CliError } from "./cli-error.ts";
import { type CliCommand, type CliContext, type Commands, cxt, done } from "./command.ts";
import { valueOf } from "./values.ts";
import type { Words } from "./words.ts";

function valueSetOf(words: Words, { catalogue }: CliContext): ValueSet {
  return find(catalogue, "valueSets", words.take("a value set"));
}

function memberOf({ width }: ValueSet, words: Words): Uint8Array {
  const value = valueOf(words.take("a value"), width);
  words.end();
  return numberToBytes(value, Math.ceil(width / 8));
}

function calculationOf(words: Words, { catalogue }: CliContext, algorithm: string): Calculation {
  const calculation = find(catalogue, "calculations", words.take("a calculation"));
  if (calculation.algorithm !== algorithm) {
    throw new CliError(`${calculation.name} is computed by ${calculation.algorithm}, not by ${algorithm}`);
  }
  return calculation;
}

function crcOf(words: Words, width: 16 | 32) {
  const number = (expected: string): number => {
    const value = words.big(expected);
    if (value < 0n || BigInt.asUintN(width, value) !== value) throw new CliError(`${expected}: expected ${width} bits`);
    return Number(BigInt.asIntN(width, value));
  };
  const flag = (expected: string): boolean => {
    const word = words.take(expected);
    if (!/^(true|false|0|1)$/i.test(word)) throw new CliError(`${expected}: expected true or false, found ${word}`);
    return /^(true|1)$/i.test(word);
  };
  const config = {
    polynomial: number("a polynomial"),
    initial: number("an initial remainder"),
    finalXor: number("a final value to xor"),
    reflectData: flag("whether data is reflected"),
    reflectRemainder: flag("whether the remainder is reflected"),
  };
  words.end();
  return config;
}

async function fileText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}

function changeMembers(method: "bm_parse_vset_add" | "bm_parse_vset_remove", summary: string): CliCommand {
  return {
    usage: "VALUE_SET VALUE",
    summary,
    completes: ["valueSets"],
    async run(words, context) {
      const set = valueSetOf(words, context);
      await context.client.call(method, { cxt, name: set.name, value: memberOf(set, words) });
      return done;
    },
  };
}

function setCrc(width: 16 | 32): CliCommand {
  return {
    usage: "CALCULATION POLYNOMIAL INITIAL XOR REFLECT_DATA REFLECT_REMAINDER",
    summary: `parameters of a calculation with crc${width}_custom`,
    completes: ["calculations"],
    async run(words, context) {
      const { name } = calculationOf(words, context, `crc${width}_custom`);
      await context.client.call(`bm_set_crc${width}_custom_parameters`, { cxt, name, config: crcOf(words, width) });
      return done;
    },
  };
}

/** Value sets, hashes, and the program as a whole. */
export const programCommands: Commands = {
  pvs_add: changeMembers("bm_parse_vset_add", "add a member to a parser value set"),
  pvs_remove: changeMembers("bm_parse_vset_remove", "remove a member from a parser value set"),
  pvs_get: {
    usage: "VALUE_SET",
    summary: "the members of a parser value set",
    completes: ["valueSets"],
    async run(words, context) {
      const { name } = valueSetOf(words, context);
      words.end();
      const members = await context.client.call("bm_parse_vset_get", { cxt, name });
      const texts = members.map((member) => `0x${Buffer.from(member).toString("hex")}`).toSorted();
      return { text: texts.join("\n"), value: { name, members: texts } };
    },
  },
  pvs_clear: {
    usage: "VALUE_SET",
    summary: "remove all members of a parser value set",
    completes: ["valueSets"],
    async run(words, context) {
      const { name } = valueSetOf(words, context);
      words.end();
      await context.client.call("bm_parse_vset_clear", { cxt, name });
      return done;
    },
  },
  set_crc16_parameters: setCrc(16),
  set_crc32_parameters: setCrc(32),
  set_toeplitz_hash_key: {
    usage: "CALCULATION KEY",
    summary: "the key of a calculation with toeplitz, in hexadecimal",
    completes: ["calculations"],
    async run(words, context) {
      const { name } = calculationOf(words, context, "toeplitz");
      const text = words.take("a key").replace(/^0x/i, "");
      words.end();
      if (!/^([0-9a-f]{2})+$/i.test(text)) throw new CliError("a key is an even number of hexadecimal digits");
      await context.client.call("bm_set_toeplitz_hash_key", { cxt, name, key: Buffer.from(text, "hex") });
      return done;
    },
  },
  load_new_config_file: {
    usage: "FILE",
    summary: "load a changed program; commands then speak to it, packets do from swap_configs on",
    completes: ["file"],
    async run(words, { client, reload }) {
      const text = await fileText(words.take("a file"));
      words.end();
      await client.call("bm_load_new_config", { text });
      await reload();
      return done;
    },
  },
  swap_configs: {
    usage: "",
    summary: "let packets go through the loaded program",
    async run(words, { client, reload }) {
      words.end();
      await client.call("bm_swap_configs", {});
      await reload();
      return done;
    },
  },
  swap_program: {
    usage: "FILE",
    summary: "load a changed program, swap it in and check that it runs (not in simple_switch_CLI)",
    completes: ["file"],
    async run(words, { client, reload }) {
      const text = await fileText(words.take("a file"));
      words.end();
      const { swapped, md5 } = await swapProgram(client, text);
      await reload();
      const outcome = swapped ? "runs now, its tables empty" : "runs already, nothing was changed";
      return { text: `program ${md5} ${outcome}`, value: { swapped, md5 } };
    },
  },
  write_config_to_file: {
    usage: "FILE",
    summary: "write the program's JSON to a file",
    completes: ["file"],
    async run(words, { client }) {
      const file = words.take("a file");
      words.end();
      await write(file, await client.call("bm_get_config", {}));
      return done;
    },
  },
  serialize_state: {
    usage: "FILE",
    summary: "write all entries and cells to a file, for --restore-state",
    completes: ["file"],
    async run(words, { client }) {
      const file = words.take("a file");
      words.end();
      await write(file, await client.call("bm_serialize_state", {}));
      return done;
    },
  },
  reset_state: {
    usage: "",
    summary: "empty tables, profiles, cells and groups",
    async run(words, { client }) {
      words.end();
      await client.call("bm_reset_state", {});
      return done;
    },
  },
};
