import type { SwitchControl } from "../control/switch-control.ts";
import { unsigned } from "./counter-value.ts";
import { type Method, method } from "./method.ts";
import { ratesFromWire, ratesToWire } from "./rates.ts";
import { standardSignatures as signatures } from "./signatures.ts";

const largestI64 = (1n << 63n) - 1n;

/** Methods on counters, meters and registers. */
export function cellMethods(control: SwitchControl): Record<string, Method> {
  const readable = (value: bigint): bigint => (value > largestI64 ? largestI64 : value);
  return {
    bm_counter_read: method(signatures.bm_counter_read, ({ name, index }) => control.counter(name, index).read(index)),
    bm_counter_write: method(signatures.bm_counter_write, ({ name, index, value }) => {
      control.counter(name, index).write(index, unsigned(value));
      return undefined;
    }),
    bm_counter_reset_all: method(signatures.bm_counter_reset_all, ({ name }) => {
      control.counter(name).clear();
      return undefined;
    }),
    bm_meter_array_set_rates: method(signatures.bm_meter_array_set_rates, ({ name, rates }) => {
      control.setAllMeterRates(name, ratesFromWire(rates));
      return undefined;
    }),
    bm_meter_set_rates: method(signatures.bm_meter_set_rates, ({ name, index, rates }) => {
      control.meter(name, meterIndex(index)).setRates(meterIndex(index), ratesFromWire(rates), control.now);
      return undefined;
    }),
    bm_meter_get_rates: method(signatures.bm_meter_get_rates, ({ name, index }) =>
      ratesToWire(control.meter(name, meterIndex(index)).rates(meterIndex(index))),
    ),
    bm_register_read: method(signatures.bm_register_read, ({ name, index }) =>
      readable(control.register(name, index).read(index)),
    ),
    bm_register_write: method(signatures.bm_register_write, ({ name, index, value }) => {
      control.register(name, index).write(index, value);
      return undefined;
    }),
    bm_register_write_range: method(signatures.bm_register_write_range, ({ name, start, end, value }) => {
      control.writeRegisterRange(name, start, end, value);
      return undefined;
    }),
    bm_register_read_all: method(signatures.bm_register_read_all, ({ name }) => {
      const cells = control.register(name);
      return Array.from({ length: cells.size }, (_, at) => readable(cells.read(at)));
    }),
    bm_register_reset: method(signatures.bm_register_reset, ({ name }) => {
      control.register(name).clear();
      return undefined;
    }),
  };
}

function meterIndex(index: number): number {
  return index < 0 ? index : index & 0xff_ffff;
}
