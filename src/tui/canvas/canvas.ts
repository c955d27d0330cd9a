import type { Line, Role, Span } from "../line/line.ts";

/** Ways that a line leaves a cell; their sum says which character joins them. */
const way = { up: 1, right: 2, down: 4, left: 8 } as const;
const lightLines = " ╵╶└╷│┌├╴┘─┴┐┤┬┼";
const heavyLines = " ╹╺┗╻┃┏┣╸┛━┻┓┫┳╋";

/** A rectangle of the screen, in characters. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whether a place lies in a rectangle. */
export function contains({ x, y, width, height }: Rectangle, atX: number, atY: number): boolean {
  return atX >= x && atX < x + width && atY >= y && atY < y + height;
}

interface Cell {
  text: string;
  role: Role;
  ways: number;
  heavy: boolean;
  /** Lines of one net join; those of another pass over it. */
  net: string;
}

/** A straight line: both ends are part of it. */
export interface Stroke {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
}

/** How a line is drawn. */
export interface Pen {
  readonly role: Role;
  readonly heavy?: boolean;
  readonly net?: string;
}

/** A drawing of characters: lines that join where they meet, and texts over them. What lies outside is not drawn. */
export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly #cells: Cell[];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#cells = Array.from({ length: width * height }, () => ({
      text: " ",
      role: "plain",
      ways: 0,
      heavy: false,
      net: "",
    }));
  }

  /** Write a text, over whatever is there. */
  write(x: number, y: number, text: string, role: Role = "plain"): void {
    let at = x;
    for (const character of text) {
      const cell = this.#cell(at, y);
      if (cell !== undefined) Object.assign(cell, { text: character, role, ways: 0, heavy: false, net: "" });
      at += 1;
    }
  }

  /** Draw a straight line from one place to another in the same row or column. */
  draw({ from: [fromX, fromY], to: [toX, toY] }: Stroke, { role, heavy = false, net = "" }: Pen): void {
    const [stepX, stepY] = [Math.sign(toX - fromX), Math.sign(toY - fromY)];
    const [ahead, back] =
      stepX !== 0
        ? stepX > 0
          ? [way.right, way.left]
          : [way.left, way.right]
        : stepY > 0
          ? [way.down, way.up]
          : [way.up, way.down];
    for (let x = fromX, y = fromY; ; x += stepX, y += stepY) {
      const isFirst = x === fromX && y === fromY;
      const isLast = x === toX && y === toY;
      this.#join(x, y, (isFirst ? 0 : back) | (isLast ? 0 : ahead), { role, heavy, net });
      if (isLast) return;
    }
  }

  /** Draw a frame; what is inside is blanked. */
  frame({ x, y, width, height }: Rectangle, pen: Pen): void {
    const [right, bottom] = [x + width - 1, y + height - 1];
    for (let row = y; row <= bottom; row += 1) this.write(x, row, " ".repeat(width));
    this.draw({ from: [x, y], to: [right, y] }, pen);
    this.draw({ from: [right, y], to: [right, bottom] }, pen);
    this.draw({ from: [right, bottom], to: [x, bottom] }, pen);
    this.draw({ from: [x, bottom], to: [x, y] }, pen);
  }

  /** Let something join a horizontal line that is there, from below or from above. */
  joint(x: number, y: number, below: boolean): void {
    const cell = this.#cell(x, y);
    if (cell !== undefined && cell.ways !== 0) cell.ways |= below ? way.down : way.up;
  }

  /** Lines of the drawing, without blanks at their ends. */
  lines(): readonly Line[] {
    return Array.from({ length: this.height }, (_, y) => this.#row(y));
  }

  #row(y: number): Line {
    const spans: Span[] = [];
    let text = "";
    let role: Role = "plain";
    for (let x = 0; x < this.width; x += 1) {
      const cell = this.#cell(x, y);
      if (cell === undefined) break;
      const character = cell.ways === 0 ? cell.text : ((cell.heavy ? heavyLines : lightLines)[cell.ways] ?? " ");
      // A blank looks the same in every role but the one that is inverted.
      if (cell.role !== role && (character !== " " || role === "selected" || cell.role === "selected")) {
        if (text !== "") spans.push({ text, role });
        [text, role] = ["", cell.role];
      }
      text += character;
    }
    const last = text.trimEnd();
    return last === "" ? spans : [...spans, { text: last, role }];
  }

  #join(x: number, y: number, ways: number, { role, heavy, net }: Required<Pen>): void {
    const cell = this.#cell(x, y);
    if (cell === undefined) return;
    if (cell.net !== net) Object.assign(cell, { net, ways: 0, heavy: false });
    cell.ways |= ways;
    // What is heavy or was drawn later is what the eye should follow.
    if (heavy || !cell.heavy) Object.assign(cell, { role, heavy });
  }

  #cell(x: number, y: number): Cell | undefined {
    return x < 0 || y < 0 || x >= this.width || y >= this.height ? undefined : this.#cells[y * this.width + x];
  }
}
