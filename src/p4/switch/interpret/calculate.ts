import type { Calculation, CalculationInput } from "../format/program.ts";
import { BitString } from "./bits.ts";
import type { Frame } from "./evaluate.ts";
import type { PacketState } from "./packet.ts";

/** The hash or checksum that a calculation gives for the packet as it is now; 64 bits. */
export function calculate(calculation: Calculation, { packet, state }: Frame): bigint {
  const bits = new BitString();
  for (const part of calculation.input) appendInput(part, packet, bits);
  const fields = bits.toBytes();
  const bytes = calculation.input.some(({ kind }) => kind === "payload")
    ? Buffer.concat([fields, packet.payload])
    : fields;
  const result = new Uint32Array(2);
  state.hashes[calculation.index]?.(bytes, bytes.length, result);
  return (BigInt(result[0] ?? 0) << 32n) | BigInt(result[1] ?? 0);
}

function appendInput(part: CalculationInput, packet: PacketState, bits: BitString): void {
  switch (part.kind) {
    case "field":
      if (packet.isValid(part.field.header)) {
        const cell = packet.cell(part.field.header, part.field.index);
        bits.append(cell.bits, cell.width);
      }
      return;
    case "constant":
      bits.append(part.value, part.width);
      return;
    case "header":
      if (packet.isValid(part.header)) packet.appendHeader(part.header, bits);
      return;
    case "payload":
      return;
  }
}
