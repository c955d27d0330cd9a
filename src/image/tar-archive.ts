import { open, type FileHandle } from "node:fs/promises";

/** Size in bytes of the blocks that a tar archive is made of (POSIX.1-2001, pax "ustar Interchange Format"). */
export const tarBlockBytes = 512;

export type TarEntryType = "file" | "directory" | "symlink" | "hardlink" | "other";

/** One member of an archive: where it is in the file, so that it can be read or passed on as it stands. */
export interface TarEntry {
  /** Relative path without `./` before it and without a slash after it; the root directory is the empty string. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Target of a link; that of a hard link is a path like `path`. Empty for anything else. */
  readonly link: string;
  /** Bytes of content. */
  readonly size: number;
  /** Offset of the first header block that belongs to it, extended headers included. */
  readonly start: number;
  /** Offset of the content. */
  readonly data: number;
  /** Offset after the last block. */
  readonly end: number;
}

/**
 * An uncompressed tar archive in a file, read by position: only its headers are looked at until a member is wanted.
 * Knows the ustar, GNU (`L`, `K`) and pax (`path`, `linkpath`, `size`) formats.
 */
export class TarArchive implements AsyncDisposable {
  readonly entries: readonly TarEntry[];
  readonly #byPath: ReadonlyMap<string, TarEntry>;
  readonly #file: FileHandle;

  private constructor(file: FileHandle, entries: readonly TarEntry[]) {
    this.#file = file;
    this.entries = entries;
    this.#byPath = new Map(entries.map((entry) => [entry.path, entry]));
  }

  /** Open an archive and read its headers. Throws an Error when the file is not a complete tar archive. */
  static async open(path: string): Promise<TarArchive> {
    const file = await open(path, "r");
    try {
      return new TarArchive(file, await readHeaders(file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  find(path: string): TarEntry | undefined {
    return this.#byPath.get(path);
  }

  /** The content of the file `path`, through hard links; undefined when the archive has no such file. */
  async read(path: string): Promise<Buffer | undefined> {
    const entry = this.find(path);
    if (entry?.type === "hardlink") return this.read(entry.link);
    return entry?.type === "file" ? readExactly(this.#file, entry.data, entry.size) : undefined;
  }

  /** The bytes of the given members with their headers, in chunks of at most 1 MiB; without an end-of-archive mark. */
  async *bytes(entries: Iterable<TarEntry>): AsyncGenerator<Buffer> {
    for (const { start, end } of joinNeighbours(entries)) {
      for (let position = start; position < end; position += 1 << 20) {
        yield await readExactly(this.#file, position, Math.min(1 << 20, end - position));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** Members that follow each other are read as one piece. */
function* joinNeighbours(entries: Iterable<TarEntry>): Generator<{ readonly start: number; readonly end: number }> {
  let piece: { start: number; end: number } | undefined;
  for (const { start, end } of entries) {
    if (piece?.end === start) piece.end = end;
    else {
      if (piece !== undefined) yield piece;
      piece = { start, end };
    }
  }
  if (piece !== undefined) yield piece;
}

async function readHeaders(file: FileHandle): Promise<TarEntry[]> {
  const { size: fileSize } = await file.stat();
  const entries: TarEntry[] = [];
  let extended: ExtendedHeader = {};
  let start = 0;
  for (let position = 0; ;) {
    if (position + tarBlockBytes > fileSize) throw new Error("the tar archive ends without its end mark");
    const block = await readExactly(file, position, tarBlockBytes);
    if (block.every((byte) => byte === 0)) return entries;
    verifyChecksum(block, position);
    const kind = String.fromCharCode(block[156] ?? 0);
    const size = extended.size ?? number(block, 124, 12);
    const data = position + tarBlockBytes;
    const end = data + Math.ceil(size / tarBlockBytes) * tarBlockBytes;
    if (end > fileSize) throw new Error(`the tar archive ends inside the member at offset ${start}`);
    position = end;
    if ("LKx".includes(kind)) {
      extended = { ...extended, ...readExtension(kind, await readExactly(file, data, size)) };
    } else if (kind !== "g") {
      entries.push({ ...describeMember(block, kind, extended), size, start, data, end });
      extended = {};
      start = end;
    }
  }
}

/** What extended headers say about the member after them. */
interface ExtendedHeader {
  readonly path?: string;
  readonly link?: string;
  readonly size?: number;
}

function readExtension(kind: string, content: Buffer): ExtendedHeader {
  if (kind === "L") return { path: text(content, 0, content.length) };
  if (kind === "K") return { link: text(content, 0, content.length) };
  const records = new Map(paxRecords(content));
  const [path, link, size] = [records.get("path"), records.get("linkpath"), records.get("size")];
  return {
    ...(path === undefined ? {} : { path }),
    ...(link === undefined ? {} : { link }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}

/** Records of a pax extended header: `LENGTH KEY=VALUE\n`, the length counted in bytes and including itself. */
function* paxRecords(content: Buffer): Generator<readonly [key: string, value: string]> {
  for (let position = 0; position < content.length;) {
    const length = Number(content.toString("latin1", position, content.indexOf(" ", position)));
    if (!(length > 0)) throw new Error("a pax header of the tar archive is malformed");
    const record = content.toString("utf8", content.indexOf(" ", position) + 1, position + length - 1);
    const equals = record.indexOf("=");
    yield [record.slice(0, equals), record.slice(equals + 1)];
    position += length;
  }
}

const memberTypes: Readonly<Record<string, TarEntryType>> = {
  "0": "file",
  "\0": "file",
  "1": "hardlink",
  "2": "symlink",
  "5": "directory",
};

function describeMember(
  block: Buffer,
  kind: string,
  extended: ExtendedHeader,
): Pick<TarEntry, "path" | "type" | "link"> {
  const type = memberTypes[kind] ?? "other";
  // GNU archives have other things than a path prefix there, and say so by a space after the magic.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  const link = extended.link ?? text(block, 157, 100);
  return {
    path: plainPath(extended.path ?? (prefix === "" ? name : `${prefix}/${name}`)),
    type,
    link: type === "hardlink" ? plainPath(link) : link,
  };
}

function plainPath(path: string): string {
  return path.replace(/^(\.?\/)+|^\.$/, "").replace(/\/+$/, "");
}

function text(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString("utf8", start, end < 0 ? start + length : Math.min(end, start + length));
}

/** An octal number, or with the top bit of its first byte set a binary one (the GNU extension for large values). */
function number(block: Buffer, start: number, length: number): number {
  if (((block[start] ?? 0) & 0x80) !== 0) return block.readUIntBE(start + length - 6, 6);
  const value = Number.parseInt(block.toString("latin1", start, start + length).replace(/[\0 ].*$/s, "") || "0", 8);
  if (Number.isNaN(value)) throw new Error("a number in the tar archive is malformed");
  return value;
}

function verifyChecksum(block: Buffer, position: number): void {
  let sum = 8 * 0x20;
  for (let index = 0; index < tarBlockBytes; index += 1) {
    if (index < 148 || index >= 156) sum += block[index] ?? 0;
  }
  if (sum !== Number.parseInt(block.toString("latin1", 148, 156), 8))
    throw new Error(`no tar header at offset ${position}`);
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw new Error("the tar archive was cut while it was read");
    done += bytesRead;
  }
  return buffer;
}
