/** The process of bin/p4switch. Any failure ends with 1, as simple_switch's do. */
import { describeP4Error } from "../p4-error.ts";
import { main } from "./main.ts";

try {
  await main(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  process.stderr.write(`p4switch: ${describeP4Error(error)}\n`);
  process.exit(1);
}
