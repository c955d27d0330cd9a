import { ChangeSignal } from "../daemon/held-answer.ts";
import type { HeldAgentSubject } from "../daemon/agent-api.ts";
import { DesiredStateFile } from "../daemon/desired-state-file.ts";
import { type DirectoryReport, type DirectoryState, directoryState } from "../nexus/sled-interface/directory-state.ts";
import { Directory } from "./engine/directory.ts";

/** What a name server knows: what nexus said last. */
export class NameServer implements HeldAgentSubject<DirectoryState, DirectoryReport> {
  readonly changes = new ChangeSignal();
  readonly #file: DesiredStateFile<DirectoryState>;
  #generation = 0;
  #directory = new Directory({ vpcs: [], services: [] });

  constructor(dataDirectory: string) {
    this.#file = new DesiredStateFile(dataDirectory, directoryState);
  }

  /** Know again what was known. Rejects with a KestrelError for a saved state that is none. */
  async begin(): Promise<void> {
    const saved = await this.#file.load();
    if (saved !== undefined) this.#know(saved);
  }

  get generation(): number {
    return this.#generation;
  }

  /** Undefined before anything was said: absence of a name is then no news. */
  get directory(): Directory | undefined {
    return this.#generation === 0 ? undefined : this.#directory;
  }

  report(): DirectoryReport {
    return { generation: this.#generation, faults: [] };
  }

  fault(): undefined {
    return undefined;
  }

  async take(state: DirectoryState): Promise<void> {
    await this.#file.save(state);
    // A later one may have come meanwhile.
    if (state.generation >= this.#generation) this.#know(state);
  }

  #know(state: DirectoryState): void {
    this.#directory = new Directory(state);
    this.#generation = state.generation;
    this.changes.changed();
  }
}
