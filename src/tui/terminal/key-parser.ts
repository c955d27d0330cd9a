import type { Key } from "../model/action.ts";

/** A click or a turn of the wheel, from 0 at the upper left. */
export interface MouseEvent {
  readonly type: "press" | "wheel-up" | "wheel-down";
  readonly x: number;
  readonly y: number;
}

/** What came from a terminal. */
export type TerminalInput =
  { readonly type: "key"; readonly key: Key } | { readonly type: "mouse"; readonly mouse: MouseEvent };

/** Keys that come as escape sequences: xterm's, the VT220's and the Linux console's. */
const sequences: Readonly<Record<string, string>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  OA: "up",
  OB: "down",
  OC: "right",
  OD: "left",
  "[H": "home",
  "[F": "end",
  "[1~": "home",
  "[4~": "end",
  "[5~": "pageup",
  "[6~": "pagedown",
  "[3~": "delete",
  "[Z": "shift+tab",
  OP: "f1",
  "[11~": "f1",
  "[[A": "f1",
};

const escape = "\u001b";
const pasteBegin = `${escape}[200~`;
const pasteEnd = `${escape}[201~`;

/** What a chunk of input is, and what of it may be the beginning of something longer. */
export interface ParsedInput {
  readonly inputs: readonly TerminalInput[];
  readonly rest: string;
}

/**
 * Take keys, pasted texts and mouse events out of what a terminal sent.
 *
 * @param isComplete - nothing more will come for now: what looks like the beginning of a sequence is what it is
 */
export function parseInput(text: string, isComplete: boolean): ParsedInput {
  const inputs: TerminalInput[] = [];
  let at = 0;
  while (at < text.length) {
    const taken = text[at] === escape ? takeSequence(text, at, isComplete) : takeCharacter(text, at);
    if (taken === undefined) break;
    if (taken.input !== undefined) inputs.push(taken.input);
    at += taken.length;
  }
  return { inputs, rest: text.slice(at) };
}

interface Taken {
  readonly length: number;
  readonly input: TerminalInput | undefined;
}

function takeSequence(text: string, at: number, isComplete: boolean): Taken | undefined {
  if (text.startsWith(pasteBegin, at)) {
    const end = text.indexOf(pasteEnd, at);
    if (end < 0) return isComplete ? { length: text.length - at, input: undefined } : undefined;
    const pasted = text.slice(at + pasteBegin.length, end);
    return { length: end + pasteEnd.length - at, input: keyOf("paste", pasted.replaceAll(/[\r\n]+/g, " "), pasted) };
  }
  const found = /^\u001b(\[\[A|\[[0-9;<]*[A-Za-z~]|O[A-Za-z])/.exec(text.slice(at, at + 32));
  if (found?.[1] !== undefined) {
    const mouse = /^\[<(\d+);(\d+);(\d+)([Mm])$/.exec(found[1]);
    const input = mouse === null ? named(found[1], found[0]) : mouseOf(mouse);
    return { length: found[0].length, input };
  }
  const following = text[at + 1];
  if (following === undefined || ((following === "[" || following === "O") && text.length - at < 24)) {
    if (!isComplete) return undefined;
    if (following === undefined) return { length: 1, input: keyOf("escape", "", escape) };
  }
  if (following === escape) return { length: 1, input: keyOf("escape", "", escape) };
  const { length, input } = takeCharacter(text, at + 1);
  const raw = text.slice(at, at + 1 + length);
  return { length: length + 1, input: input?.type === "key" ? keyOf(`alt+${input.key.name}`, "", raw) : undefined };
}

function named(sequence: string, raw: string): TerminalInput | undefined {
  // With a modifier the sequence is `[1;5A`; the key is what counts.
  const plain = sequence.replace(/^\[1;\d+([A-Z])$/, "[$1").replace(/^\[(\d+);\d+~$/, "[$1~");
  const name = sequences[plain];
  return name === undefined ? keyOf("unknown", "", raw) : keyOf(name, "", raw);
}

/** SGR mouse reports (xterm, "Extended coordinates"): button, column, row from 1; M is a press, m a release. */
function mouseOf([, button, column, row, final]: RegExpExecArray): TerminalInput | undefined {
  const code = Number(button);
  const place = { x: Number(column) - 1, y: Number(row) - 1 };
  if (code === 64) return { type: "mouse", mouse: { type: "wheel-up", ...place } };
  if (code === 65) return { type: "mouse", mouse: { type: "wheel-down", ...place } };
  return code === 0 && final === "M" ? { type: "mouse", mouse: { type: "press", ...place } } : undefined;
}

const controls: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\u007f": "backspace",
  "\b": "backspace",
};

function takeCharacter(text: string, at: number): Taken {
  const code = text.codePointAt(at) ?? 0;
  const character = String.fromCodePoint(code);
  const control = controls[character];
  if (control !== undefined) return { length: 1, input: keyOf(control, "", character) };
  if (code < 0x20) return { length: 1, input: keyOf(`ctrl+${String.fromCharCode(code + 0x60)}`, "", character) };
  return { length: character.length, input: keyOf(character === " " ? "space" : character, character, character) };
}

function keyOf(name: string, text: string, raw: string): TerminalInput {
  return { type: "key", key: { name, text, raw } };
}
