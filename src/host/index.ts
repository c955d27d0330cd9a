export { writeFileAtomic } from "./atomic-file.ts";
export { sha256, sha256File, sha256Json, sha256Tree } from "./digest.ts";
export {
  type Directories,
  ensureDirectory,
  kestrelDirectories,
  maxSocketPathBytes,
  runDirectory,
  runRoot,
  socketPath,
} from "./directories.ts";
export { availableDiskBytes, diskFullError, isDiskFull, requireDiskSpace } from "./disk-space.ts";
export { acquireLock, type Lock, type LockHolder, lockHolder, type LockOptions } from "./lock.ts";
export { type HostResources, hostResources } from "./memory.ts";
export { modulePath } from "./module-path.ts";
export {
  identityWord,
  isAlive,
  ownIdentity,
  parseIdentityWord,
  parseProcessStat,
  type ProcessIdentity,
  processIdentity,
  signalProcess,
} from "./process-identity.ts";
export { keepPriorityInSession } from "./session-priority.ts";
export {
  compareVersions,
  findProgram,
  type FoundTool,
  locateTool,
  locateTools,
  requiredPackages,
  type Tool,
  type ToolName,
  tools,
  type ToolUse,
} from "./tools.ts";
