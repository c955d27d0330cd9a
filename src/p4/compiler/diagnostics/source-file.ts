/** A place in the text, 1-based, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The text of one file, and where its lines begin. */
export class SourceFile {
  /** The name that messages and `source_info` carry. */
  readonly name: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;
  #lines: readonly string[] | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  get lines(): readonly string[] {
    return (this.#lines ??= this.text.split("\n").map((line) => line.replace(/\r$/, "")));
  }

  /** The line and column of an offset; offsets behind the end are taken as the end. */
  position(offset: number): Position {
    const starts = (this.#lineStarts ??= lineStartsOf(this.text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: Math.min(offset, this.text.length) - (starts[low] ?? 0) + 1 };
  }
}

/** A stretch of one file: `start` inclusive, `end` exclusive, in UTF-16 code units. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** From the start of one span to the end of another; the first alone where they are in different files. */
export function spanning(first: Span, last: Span): Span {
  if (first.file !== last.file || last.end < first.start) return first;
  return { file: first.file, start: first.start, end: last.end };
}

/** The text of a span up to the end of its first line, as `source_info` quotes it. */
export function fragmentOf({ file, start, end }: Span): string {
  const [line = ""] = file.text.slice(start, end).split("\n", 1);
  return line.trimEnd();
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
