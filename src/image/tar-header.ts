import { tarBlockBytes } from "./tar-archive.ts";

/** A member to be written: everything is owned by root and dated 1970. */
export type TarMember =
  | { readonly type: "directory"; readonly path: string; readonly mode: number }
  | { readonly type: "file"; readonly path: string; readonly mode: number; readonly size: number }
  | { readonly type: "symlink"; readonly path: string; readonly target: string };

/** Two empty blocks: the end of an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * tarBlockBytes);

const typeFlags = { file: "0", symlink: "2", directory: "5" } as const;

/**
 * The header block of a member in ustar format (POSIX.1-2001).
 *
 * @throws RangeError when path or target have more than 100 bytes or the file more than 8 GiB.
 */
export function tarHeader(member: TarMember): Buffer {
  const block = Buffer.alloc(tarBlockBytes);
  writeText(block, 0, 100, member.type === "directory" ? `${member.path}/` : member.path);
  writeOctal(block, 100, 8, member.type === "symlink" ? 0o777 : member.mode);
  writeOctal(block, 108, 8, 0);
  writeOctal(block, 116, 8, 0);
  writeOctal(block, 124, 12, member.type === "file" ? member.size : 0);
  writeOctal(block, 136, 12, 0);
  block.write(typeFlags[member.type], 156, "latin1");
  if (member.type === "symlink") writeText(block, 157, 100, member.target);
  block.write("ustar\x0000", 257, "latin1");
  // The checksum is computed with its own field filled with spaces.
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** The zero bytes after a content of `size` bytes that fill its last block. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((tarBlockBytes - (size % tarBlockBytes)) % tarBlockBytes);
}

function writeText(block: Buffer, offset: number, length: number, value: string): void {
  if (Buffer.byteLength(value) > length) throw new RangeError(`"${value}" does not fit a tar header`);
  block.write(value, offset);
}

function writeOctal(block: Buffer, offset: number, length: number, value: number): void {
  const digits = value.toString(8).padStart(length - 1, "0");
  if (digits.length >= length) throw new RangeError(`${value} does not fit a tar header`);
  block.write(digits, offset, "latin1");
}
