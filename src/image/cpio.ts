/** One entry of a cpio archive; paths are relative, parents come first. Everything is owned by root and dated 1970. */
export type CpioEntry =
  | { readonly type: "directory"; readonly path: string; readonly mode: number }
  | { readonly type: "file"; readonly path: string; readonly mode: number; readonly content: Uint8Array }
  | { readonly type: "symlink"; readonly path: string; readonly target: string }
  | {
      readonly type: "character-device";
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

const fileTypes = { directory: 0o040000, file: 0o100000, symlink: 0o120000, "character-device": 0o020000 } as const;

const nothing = new Uint8Array(0);

/**
 * A cpio archive in the "newc" format (magic 070701) that the Linux kernel unpacks as an initramfs
 * (kernel documentation, "initramfs buffer format"). Its length is a multiple of 4, so that archives can be joined.
 *
 * @throws RangeError when a file has more than 4 GiB.
 */
export function cpioArchive(entries: Iterable<CpioEntry>): Buffer {
  const parts: Uint8Array[] = [];
  let inode = 0;
  for (const entry of entries) {
    inode += 1;
    append(parts, inode, entry.path, fileTypes[entry.type] | modeOf(entry), contentOf(entry), deviceOf(entry));
  }
  append(parts, 0, "TRAILER!!!", 0, nothing, [0, 0]);
  return Buffer.concat(parts);
}

function modeOf(entry: CpioEntry): number {
  return entry.type === "symlink" ? 0o777 : entry.mode;
}

function contentOf(entry: CpioEntry): Uint8Array {
  if (entry.type === "file") return entry.content;
  return entry.type === "symlink" ? Buffer.from(entry.target) : nothing;
}

function deviceOf(entry: CpioEntry): readonly [major: number, minor: number] {
  return entry.type === "character-device" ? [entry.major, entry.minor] : [0, 0];
}

function append(
  parts: Uint8Array[],
  inode: number,
  path: string,
  mode: number,
  content: Uint8Array,
  [major, minor]: readonly [number, number],
): void {
  if (content.length >= 2 ** 32) throw new RangeError(`${path} is too large for a cpio archive`);
  const name = Buffer.from(`${path}\0`);
  // inode, mode, uid, gid, links, mtime, size, device of the file system (2), device (2), length of the name, check
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).toUpperCase().padStart(8, "0")).join("")}`;
  parts.push(Buffer.from(header, "latin1"), name, padding(header.length + name.length));
  parts.push(content, padding(content.length));
}

function padding(length: number): Uint8Array {
  return new Uint8Array((4 - (length % 4)) % 4);
}

/**
 * The directories that must come before the given paths, parents first, each once.
 *
 * @param paths - relative paths with `/` between their parts
 */
export function parentDirectories(paths: Iterable<string>): string[] {
  const directories = new Set<string>();
  for (const path of paths) {
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      directories.add(path.slice(0, slash));
    }
  }
  return [...directories];
}
