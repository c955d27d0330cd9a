import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";

/** Longest path of a UNIX socket in bytes: `sun_path` holds 108 with its terminating zero (unix(7)). */
export const maxSocketPathBytes = 107;

/** Where Kestrel keeps what it owns on this host; absolute paths. */
export interface Directories {
  /** Survives until removed: run directories, journals, logs. */
  readonly state: string;
  /** Can be made again at any time: images, templates, bundles. */
  readonly cache: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The state and cache directories of this user: `KESTREL_STATE_DIR` and `KESTREL_CACHE_DIR`, else `kestrel` below the
 * XDG base directories. Nothing is created.
 *
 * @throws KestrelError (input) naming every variable that holds a relative path.
 */
export function kestrelDirectories(environment: Environment = process.env): Directories {
  const relative = ["KESTREL_STATE_DIR", "KESTREL_CACHE_DIR"].filter((name) => {
    const value = environment[name];
    return value !== undefined && value !== "" && !isAbsolute(value);
  });
  if (relative.length > 0) {
    throw new KestrelError({
      kind: "input",
      step: "find Kestrel's directories",
      subject: relative.join(", "),
      expected: "an absolute path",
      found: relative.map((name) => `"${environment[name] ?? ""}"`).join(", "),
    });
  }
  const home = environment["HOME"] ?? homedir();
  return {
    state:
      nonEmpty(environment["KESTREL_STATE_DIR"]) ??
      join(xdg(environment["XDG_STATE_HOME"], home, ".local/state"), "kestrel"),
    cache:
      nonEmpty(environment["KESTREL_CACHE_DIR"]) ?? join(xdg(environment["XDG_CACHE_HOME"], home, ".cache"), "kestrel"),
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

/** The XDG specification demands that relative values are ignored. */
function xdg(value: string | undefined, home: string, fallback: string): string {
  return value !== undefined && isAbsolute(value) ? value : join(home, fallback);
}

/** The directory that holds the run directories of all testbeds: `state/run`. */
export function runRoot(directories: Directories = kestrelDirectories()): string {
  return join(directories.state, "run");
}

/** The run directory of the testbed `name`: `state/run/NAME`. Nothing is created. */
export function runDirectory(name: string, directories: Directories = kestrelDirectories()): string {
  return join(runRoot(directories), name);
}

/**
 * Make `path` a directory that this user can write, with its parents, each new one 0700; an existing one keeps its mode.
 *
 * @throws KestrelError (host) that says which part of the path is in the way and why.
 */
export async function ensureDirectory(path: string, step = "prepare Kestrel's directories"): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
    await access(path, constants.W_OK | constants.X_OK);
    return path;
  } catch (cause) {
    throw new KestrelError(
      {
        kind: "host",
        step,
        subject: path,
        expected: "a directory that this user can write",
        found: describeCode(cause),
        hint: "make it writable, or name other places with KESTREL_STATE_DIR and KESTREL_CACHE_DIR",
      },
      { cause },
    );
  }
}

const codeMeanings: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "a read-only file system",
  ENOTDIR: "a file where a directory should be",
  EEXIST: "a file where a directory should be",
  ENOSPC: "no space left on the file system",
  ENAMETOOLONG: "a name that is too long",
};

function describeCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return codeMeanings[code] ?? (error instanceof Error ? error.message : String(error));
}

/**
 * The path of the UNIX socket `name` in `directory`.
 *
 * @throws KestrelError (host) when the path has more than {@link maxSocketPathBytes} bytes.
 */
export function socketPath(directory: string, name: string): string {
  const path = join(directory, name);
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPathBytes) {
    throw new KestrelError({
      kind: "host",
      step: "place a UNIX socket",
      subject: path,
      expected: `a path of at most ${maxSocketPathBytes} bytes`,
      found: `${bytes} bytes`,
      hint: "set KESTREL_STATE_DIR to a shorter path, or give the testbed a shorter name",
    });
  }
  return path;
}
