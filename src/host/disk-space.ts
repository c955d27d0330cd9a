import { statfs } from "node:fs/promises";
import { KestrelError } from "../error/kestrel-error.ts";

/** Bytes that this user can still write to the file system that holds `path`. */
export async function availableDiskBytes(path: string): Promise<number> {
  const facts = await statfs(path);
  return facts.bavail * facts.bsize;
}

/**
 * Check before a long work that it will not die of a full disk half way.
 *
 * @throws KestrelError (host) with both figures when fewer than `bytes` are left where `path` is.
 */
export async function requireDiskSpace(path: string, bytes: number, step: string, hint?: string): Promise<void> {
  const available = await availableDiskBytes(path);
  if (available < bytes) throw diskFullError(step, path, { needed: bytes, available, hint });
}

/** The error for a disk that is or would be full; figures in bytes, and a hint when the usual one does not fit. */
export function diskFullError(
  step: string,
  path: string,
  figures: { readonly needed?: number; readonly available?: number; readonly hint?: string | undefined },
  options?: ErrorOptions,
): KestrelError {
  return new KestrelError(
    {
      kind: "host",
      step,
      subject: path,
      expected: figures.needed === undefined ? "free disk space" : `${mebibytes(figures.needed)} of free disk space`,
      found: figures.available === undefined ? "a full disk" : mebibytes(figures.available),
      hint:
        figures.hint ??
        "free some space there (`kestrel image gc` removes images that are not used), or set KESTREL_CACHE_DIR to a larger file system",
    },
    options,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`;
}

/** Whether an error of the file system, or one that it caused, says that the disk or a quota is full. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT" || isDiskFull(error.cause);
}
