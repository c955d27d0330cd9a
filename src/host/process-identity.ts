import { readFileSync } from "node:fs";

/**
 * A process for as long as it lives, whatever happens to its number: a pid alone is reused by the kernel.
 * Plain JSON, so that it can be written to a journal and read after a crash or a reboot.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process: field 22 of `/proc/PID/stat` (proc(5)). */
  readonly startTicks: number;
  /** `/proc/sys/kernel/random/boot_id`: start times begin again at every boot. */
  readonly bootId: string;
}

let cachedBootId: string | undefined;

function bootId(): string {
  cachedBootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return cachedBootId;
}

/**
 * Start time in ticks and state letter from the text of `/proc/PID/stat`; undefined when it is not such a text.
 * The command name in parentheses may hold spaces and parentheses itself, so fields are counted from its end.
 */
export function parseProcessStat(text: string): { readonly state: string; readonly startTicks: number } | undefined {
  const end = text.lastIndexOf(")");
  if (end < 0) return undefined;
  const fields = text.slice(end + 2).split(" ");
  const [state, startTicks] = [fields[0], Number(fields[19])];
  return state === undefined || !Number.isSafeInteger(startTicks) ? undefined : { state, startTicks };
}

function readProcessStat(pid: number): ReturnType<typeof parseProcessStat> {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** The identity of a running process, by default this one; undefined when there is none of that number. */
export function processIdentity(pid: number = process.pid): ProcessIdentity | undefined {
  const stat = readProcessStat(pid);
  return stat === undefined ? undefined : { pid, startTicks: stat.startTicks, bootId: bootId() };
}

/** The identity of the process that runs this code. */
export function ownIdentity(): ProcessIdentity {
  const own = processIdentity();
  if (own === undefined) throw new Error("/proc does not show this process; is it mounted?");
  return own;
}

/** Whether that very process still runs. A zombie, which holds nothing any more, counts as gone. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  const stat = readProcessStat(identity.pid);
  return stat?.startTicks === identity.startTicks && stat.state !== "Z" && stat.state !== "X";
}

/**
 * Send a signal to that very process and to no other that got its number since.
 *
 * @returns whether there was such a process to send it to.
 */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** The identity as one word for file names, `PID-TICKS-BOOT`; read back by {@link parseIdentityWord}. */
export function identityWord(identity: ProcessIdentity): string {
  return `${identity.pid}-${identity.startTicks}-${identity.bootId}`;
}

/** The inverse of {@link identityWord}; undefined for any other text. */
export function parseIdentityWord(word: string): ProcessIdentity | undefined {
  const match = /^(\d+)-(\d+)-([0-9a-f-]{36})$/.exec(word);
  const [, pid, startTicks, boot] = match ?? [];
  return pid === undefined || startTicks === undefined || boot === undefined
    ? undefined
    : { pid: Number(pid), startTicks: Number(startTicks), bootId: boot };
}
