import type { Line, Role } from "./line.ts";

/** What a terminal can show. */
export interface Palette {
  readonly color: boolean;
  /** Whether it shows more than ASCII. */
  readonly unicode: boolean;
}

/** Parameters of SGR by role: the sixteen colours only, which every terminal has and its user has chosen. */
const colored: Readonly<Record<Role, string>> = {
  plain: "",
  title: "1",
  muted: "90",
  good: "32",
  busy: "36",
  warning: "33",
  bad: "31;1",
  accent: "34;1",
  selected: "7",
  key: "36;1",
};

/** Without colours: weight and inversion only. */
const colorless: Readonly<Record<Role, string>> = {
  plain: "",
  title: "1",
  muted: "",
  good: "",
  busy: "",
  warning: "1",
  bad: "1",
  accent: "1",
  selected: "7",
  key: "1",
};

/** A line as a terminal takes it, with the escape sequences of its looks. */
export function paintLine(line: Line, { color, unicode }: Palette): string {
  const looks = color ? colored : colorless;
  let painted = "";
  for (const { text, role = "plain", sgr } of line) {
    const shown = unicode ? text : toAscii(text);
    const parameters = sgr === undefined ? looks[role] : color ? sgr : colorlessSgr(sgr);
    painted += parameters === "" ? shown : `\u001b[${parameters}m${shown}\u001b[0m`;
  }
  return painted;
}

/** Of parameters of SGR, those that are no colours; 38 and 48 are followed by numbers of their own. */
function colorlessSgr(parameters: string): string {
  return parameters
    .replaceAll(/[34]8;(5;\d+|2;\d+;\d+;\d+)/g, "")
    .split(";")
    .filter((each) => /^[1-9]$/.test(each))
    .join(";");
}

const asciiSigns: Readonly<Record<string, string>> = {
  "●": "*",
  "◐": "o",
  "○": ".",
  "✖": "X",
  "■": "#",
  "‖": "=",
  "✔": "v",
  "▲": "!",
  "…": "~",
  "→": ">",
  "←": "<",
  "↑": "^",
  "↓": "v",
  "⇄": "=",
  "·": ".",
  "–": "-",
  "▶": ">",
  "↯": "/",
  "█": "#",
  "░": ".",
};

/** The same in ASCII: signs by their meaning, lines as plus, minus and bar, bars of graphs by their height. */
function toAscii(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/gu, (character) => {
    const sign = asciiSigns[character];
    if (sign !== undefined) return sign;
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x2581 && code <= 0x2588) return ".,:-=+*#"[code - 0x2581] ?? "#";
    if (code >= 0x2500 && code <= 0x257f)
      return "─━═╌┄".includes(character) ? "-" : "│┃║".includes(character) ? "|" : "+";
    return "?";
  });
}
