/** Characters that move the cursor, end a line or colour a terminal, which names of a packet may hold as any others. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** Text of a packet as it can be shown: control characters as `\u000a`. */
export function printable(text: string): string {
  return text.replace(control, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
