import type { CounterArray, MeterArray, RegisterArray } from "../format/program.ts";
import { find } from "./catalogue.ts";
import { CliError } from "./cli-error.ts";
import { type CliContext, type Commands, cxt, done } from "./command.ts";
import type { Words } from "./words.ts";

const counterOf = (words: Words, { catalogue }: CliContext): CounterArray =>
  find(catalogue, "counters", words.take("a counter"));
const meterOf = (words: Words, { catalogue }: CliContext): MeterArray =>
  find(catalogue, "meters", words.take("a meter"));
const registerOf = (words: Words, { catalogue }: CliContext): RegisterArray =>
  find(catalogue, "registers", words.take("a register"));

/** `rate:burst` for each rate of the meter, units per microsecond and units. */
function ratesOf({ name, rateCount }: MeterArray, words: Words) {
  const texts = words.rest();
  if (texts.length !== rateCount) {
    throw new CliError(`Invalid number of rates: meter ${name} has ${rateCount}, found ${texts.length}`);
  }
  return texts.map((text) => {
    const [, rate, burst] = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?):(\d+)$/i.exec(text) ?? [];
    if (rate === undefined || burst === undefined) throw new CliError(`Error while parsing rates: ${text}`);
    return { unitsPerMicros: Number(rate), burst: Number(burst) };
  });
}

const big = (value: bigint): number | string =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);

/** Counters, meters and registers. */
export const cellCommands: Commands = {
  counter_read: {
    usage: "COUNTER INDEX",
    summary: "packets and bytes; of a direct counter by the handle of an entry",
    completes: ["counters"],
    async run(words, context) {
      const { name, table } = counterOf(words, context);
      const index = words.decimal("an index");
      words.end();
      const { client } = context;
      const found =
        table === undefined
          ? await client.call("bm_counter_read", { cxt, name, index })
          : await client.call("bm_mt_read_counter", { cxt, table, handle: index });
      const bytes = BigInt.asUintN(64, found.bytes);
      const packets = BigInt.asUintN(64, found.packets);
      const value = { name, index, packets: big(packets), bytes: big(bytes) };
      return { text: `${name}[${index}]= (${bytes} bytes, ${packets} packets)`, value };
    },
  },
  counter_write: {
    usage: "COUNTER INDEX PACKETS BYTES",
    summary: "set packets and bytes",
    completes: ["counters"],
    async run(words, context) {
      const { name, table } = counterOf(words, context);
      const index = words.decimal("an index");
      const packets = BigInt.asIntN(64, words.big("packets"));
      const bytes = BigInt.asIntN(64, words.big("bytes"));
      words.end();
      const value = { packets, bytes };
      if (table === undefined) await context.client.call("bm_counter_write", { cxt, name, index, value });
      else await context.client.call("bm_mt_write_counter", { cxt, table, handle: index, value });
      return done;
    },
  },
  counter_reset: {
    usage: "COUNTER",
    summary: "set all cells to 0",
    completes: ["counters"],
    async run(words, context) {
      const { name, table } = counterOf(words, context);
      words.end();
      if (table === undefined) await context.client.call("bm_counter_reset_all", { cxt, name });
      else await context.client.call("bm_mt_reset_counters", { cxt, table });
      return done;
    },
  },
  register_read: {
    usage: "REGISTER [INDEX]",
    summary: "one cell, or all of them",
    completes: ["registers"],
    async run(words, context) {
      const { name } = registerOf(words, context);
      const index = words.optionalDecimal("an index");
      words.end();
      if (index === undefined) {
        const values = await context.client.call("bm_register_read_all", { cxt, name });
        return { text: `${name}= ${values.join(", ")}`, value: { name, values: values.map(big) } };
      }
      const found = await context.client.call("bm_register_read", { cxt, name, index });
      return { text: `${name}[${index}]= ${found}`, value: { name, index, value: big(found) } };
    },
  },
  register_write: {
    usage: "REGISTER INDEX VALUE",
    summary: "set one cell",
    completes: ["registers"],
    async run(words, context) {
      const { name } = registerOf(words, context);
      const index = words.decimal("an index");
      const value = words.big("a value");
      words.end();
      await context.client.call("bm_register_write", { cxt, name, index, value: BigInt.asIntN(64, value) });
      return done;
    },
  },
  register_reset: {
    usage: "REGISTER",
    summary: "set all cells to 0",
    completes: ["registers"],
    async run(words, context) {
      const { name } = registerOf(words, context);
      words.end();
      await context.client.call("bm_register_reset", { cxt, name });
      return done;
    },
  },
  meter_set_rates: {
    usage: "METER INDEX RATE:BURST...",
    summary: "rates of one cell, the lowest first: units per microsecond, units",
    completes: ["meters"],
    async run(words, context) {
      const meter = meterOf(words, context);
      const index = words.decimal("an index");
      const rates = ratesOf(meter, words);
      const { name, table } = meter;
      if (table === undefined) await context.client.call("bm_meter_set_rates", { cxt, name, index, rates });
      else await context.client.call("bm_mt_set_meter_rates", { cxt, table, handle: index, rates });
      return done;
    },
  },
  meter_array_set_rates: {
    usage: "METER RATE:BURST...",
    summary: "rates of all cells",
    completes: ["meters"],
    async run(words, context) {
      const meter = meterOf(words, context);
      const rates = ratesOf(meter, words);
      await context.client.call("bm_meter_array_set_rates", { cxt, name: meter.name, rates });
      return done;
    },
  },
  meter_get_rates: {
    usage: "METER INDEX",
    summary: "rates of one cell",
    completes: ["meters"],
    async run(words, context) {
      const { name, table } = meterOf(words, context);
      const index = words.decimal("an index");
      words.end();
      const { client } = context;
      const rates =
        table === undefined
          ? await client.call("bm_meter_get_rates", { cxt, name, index })
          : await client.call("bm_mt_get_meter_rates", { cxt, table, handle: index });
      const lines = rates.map(({ unitsPerMicros, burst }, at) => {
        return `${at}: info rate = ${unitsPerMicros}, burst size = ${burst}`;
      });
      return {
        text: lines.length === 0 ? "WARNING: expected rates, the meter has none" : lines.join("\n"),
        value: { name, index, rates },
      };
    },
  },
};
