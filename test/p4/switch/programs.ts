import { routerProgram } from "../../../src/bench/lpm-router.ts";
import { arithmetic, division, jumps, signedArithmetic } from "./sample-arithmetic.ts";
import { copies, stacks, unions } from "./sample-headers.ts";
import { matching, profiles, state } from "./sample-tables.ts";
import { selfSized, variableParser, variableUnions } from "./sample-variable.ts";

/** A program, and the beginnings of packets that get far in it. */
export interface Sample {
  readonly text: string;
  readonly packets: readonly string[];
  readonly tables: number;
}

/** Programs on which compiled code and interpreter must agree. */
export const samples: Readonly<Record<string, Sample>> = {
  router: {
    text: routerProgram("lpm"),
    packets: ["0000000000010000000000020800 4500003200000000401166b90a00000100000001"],
    tables: 1,
  },
  arithmetic: { text: arithmetic(), packets: ["00".repeat(40), "ff".repeat(40), "01".repeat(20)], tables: 0 },
  division: { text: division(), packets: ["00".repeat(20), "05".repeat(40)], tables: 0 },
  "signed arithmetic": { text: signedArithmetic(), packets: ["80".repeat(20), "7f".repeat(30)], tables: 0 },
  "header stacks": {
    text: stacks(),
    packets: [
      "0000000000010000000000028100 0100010203040506 0200030203040507",
      "0000000000010000000000018100 0100010000000000 0100020000000000 0300",
    ],
    tables: 2,
  },
  "header unions": {
    text: unions(),
    packets: ["0000000000010000000000020001 0102030405060708", "0000000000010000000000010002 01 00 0102030405060708"],
    tables: 2,
  },
  "variable headers": {
    text: variableParser(),
    packets: ["0000000000010000000000020001 06 010203 0000", "0000000000010000000000020001 10 0102030405060708 a1b2"],
    tables: 1,
  },
  "headers that say their length": {
    text: selfSized(),
    packets: [
      "0000000000010000000000020001 0001 01020304 0000 1001 0102030405 0000 e002 010203040506 0001",
      "0000000000010000000000020001 8001 01020304 0000",
    ],
    tables: 1,
  },
  "variable members of unions in a stack": {
    text: variableUnions(),
    packets: [
      "0000000000010000000000020001 01 03 010203 02 01 04050607 08 00",
      "0000000000010000000000020002 02 02 0102030405060708 00 01 05 0102030405 02 00 ff 00",
    ],
    tables: 1,
  },
  "registers, counters, meters": { text: state(), packets: ["00", "01 00000002", "03 00000001"], tables: 2 },
  "jumps in actions": { text: jumps(), packets: ["01 0000", "00", "09 ffff"], tables: 0 },
  "action profiles": { text: profiles(), packets: ["01 0001 0000000000 010203", "00 0000"], tables: 2 },
  "headers that are copied": {
    text: copies(),
    packets: ["01 00" + "11".repeat(36), "00 01" + "22".repeat(12), "03 01" + "11".repeat(36)],
    tables: 2,
  },
  "all kinds of matches": { text: matching(), packets: ["00 0007", "00".repeat(26), "01 0001"], tables: 4 },
};
