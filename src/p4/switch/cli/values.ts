import { isIPv4, isIPv6 } from "node:net";
import type { ActionParameter, MatchParameter, TableKey } from "../format/program.ts";
import { bytesToNumber, numberToBytes } from "../state/key.ts";
import { CliError } from "./cli-error.ts";

/**
 * A value as people write it: IPv4 for 32 bits, MAC for 48, IPv6 for 128, else a number, decimal, 0x, 0o or 0b.
 * It may have as many bytes as the width takes; bits above the width are cut off by the switch.
 */
export function valueOf(text: string, width: number): bigint {
  const value = addressOf(text, width) ?? numberOf(text);
  if (value >= 1n << BigInt(8 * Math.ceil(width / 8))) throw new CliError("Parameter is too large");
  return value;
}

function addressOf(text: string, width: number): bigint | undefined {
  if (width === 32 && text.includes(".")) {
    if (!isIPv4(text)) throw new CliError(`Invalid IPv4 address: ${text}`);
    return text.split(".").reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  }
  if (width === 48 && text.includes(":")) {
    if (!/^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i.test(text)) throw new CliError(`Invalid MAC address: ${text}`);
    return text.split(":").reduce((sum, octet) => (sum << 8n) | BigInt(`0x${octet}`), 0n);
  }
  if (width === 128 && text.includes(":")) {
    if (!isIPv6(text) || text.includes("%")) throw new CliError(`Invalid IPv6 address: ${text}`);
    return bytesToNumber(ipv6Bytes(text));
  }
  return undefined;
}

function ipv6Bytes(text: string): Buffer {
  // A dotted end stands for two groups.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = "", tail] = plain.split("::");
  const groups = (part: string): readonly string[] => (part === "" ? [] : part.split(":"));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...Array<string>(8 - front.length - back.length).fill("0"), ...back];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

function numberOf(text: string): bigint {
  // No leading zeros, as the reference has it: what would 010 be?
  if (/^(0|[1-9]\d*|0x[0-9a-f]+|0o[0-7]+|0b[01]+)$/i.test(text)) return BigInt(text);
  throw new CliError(`Invalid parameter, could not be parsed: ${text}`);
}

/** One part of a key as people write it: `v`, `v/length`, `v&&&mask`, `low->high`, `0` or `1`, by the kind of match. */
export function keyPartOf({ kind, width, name }: TableKey, text: string): MatchParameter {
  try {
    switch (kind) {
      case "exact":
        return { kind, value: valueOf(text, width) };
      case "valid":
        return { kind, value: numberOf(text) !== 0n };
      case "lpm": {
        const [value, length] = pairOf(text, "/", "value/length");
        if (!/^\d+$/.test(length)) throw new CliError(`expected a prefix length, found ${length}`);
        return { kind, value: valueOf(value, width), prefixLength: Number(length) };
      }
      case "ternary": {
        const [value, mask] = pairOf(text, "&&&", "value&&&mask");
        return { kind, value: valueOf(value, width), mask: valueOf(mask, width) };
      }
      case "range": {
        const [start, end] = pairOf(text, "->", "low->high");
        const range = { start: valueOf(start, width), end: valueOf(end, width) };
        if (range.start > range.end) throw new CliError("the range starts behind its end");
        return { kind, ...range };
      }
    }
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`${name}: ${error.message}`, "Invalid match key");
    throw error;
  }
}

function pairOf(text: string, separator: string, form: string): readonly [string, string] {
  const [first, second, ...more] = text.split(separator);
  if (first === undefined || second === undefined || more.length > 0) {
    throw new CliError(`expected ${form}, found ${text}`);
  }
  return [first, second];
}

/** The parameters of an action, each in as many bytes as its width takes. */
export function actionDataOf(parameters: readonly ActionParameter[], words: readonly string[]): readonly Uint8Array[] {
  if (words.length !== parameters.length) {
    throw new CliError(`action needs ${parameters.length} parameters, found ${words.length}`, "Invalid runtime data");
  }
  return parameters.map(({ name, width }, at) => {
    try {
      return numberToBytes(valueOf(words[at] ?? "", width), Math.ceil(width / 8));
    } catch (error) {
      if (error instanceof CliError) throw new CliError(`${name}: ${error.message}`, "Invalid runtime data");
      throw error;
    }
  });
}
