import { type Line, textColumns } from "../../src/tui/line/line.ts";

const cell = { width: 8.4, height: 18 };
const margin = 12;
const ground = "#16181d";
const text = "#d5d8de";
/** The sixteen colours of a terminal, as in the pictures: 0 to 7, then the bright ones. */
const colors = ["#3a3f4b", "#ef6b73", "#8cc265", "#e0b34f", "#5aa6f2", "#c678dd", "#4fc1cf", "#d5d8de"] as const;
const bright = ["#7d8594", "#ff8b92", "#a9de85", "#f2cb6c", "#82bdf7", "#d99bea", "#79d8e3", "#ffffff"] as const;

/** A screen as a picture: a rectangle a background, a text a run of characters of one look. */
export function screenSvg(lines: readonly Line[], columns: number): string {
  const [width, height] = [columns * cell.width + 2 * margin, lines.length * cell.height + 2 * margin];
  const runs = lines.flatMap((line, y) => lineRuns(line, y));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">`,
    `<rect width="100%" height="100%" rx="8" fill="${ground}"/>`,
    ...runs,
    "</svg>",
    "",
  ].join("\n");
}

function lineRuns(line: Line, y: number): readonly string[] {
  let x = 0;
  return line.flatMap(({ text: run, sgr = "" }) => {
    const at = x;
    const wide = textColumns(run);
    x += wide;
    const looks = looksOf(sgr);
    const left = round(margin + at * cell.width);
    const background =
      looks.background === undefined
        ? []
        : [
            `<rect x="${left}" y="${round(margin + y * cell.height)}" width="${round(wide * cell.width)}" height="${cell.height}" fill="${looks.background}"/>`,
          ];
    if (run.trim() === "") return background;
    const weight = looks.bold ? ' font-weight="bold"' : "";
    const baseline = round(margin + (y + 0.74) * cell.height);
    // Every run has its length said: fonts differ, columns must not.
    return [
      ...background,
      `<text x="${left}" y="${baseline}" fill="${looks.foreground}"${weight} textLength="${round(wide * cell.width)}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">${escaped(run)}</text>`,
    ];
  });
}

interface Looks {
  readonly foreground: string;
  readonly background: string | undefined;
  readonly bold: boolean;
}

function looksOf(sgr: string): Looks {
  let [foreground, background]: [string, string | undefined] = [text, undefined];
  let [bold, inverse] = [false, false];
  for (const part of sgr.split(";").map(Number)) {
    if (part === 1) bold = true;
    if (part === 7) inverse = true;
    if (part >= 30 && part < 38) foreground = colors[part - 30] ?? text;
    if (part >= 90 && part < 98) foreground = bright[part - 90] ?? text;
    if (part >= 40 && part < 48) background = colors[part - 40];
  }
  return inverse ? { foreground: ground, background: foreground, bold } : { foreground, background, bold };
}

function escaped(run: string): string {
  return run.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
