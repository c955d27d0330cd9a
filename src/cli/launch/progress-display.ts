import type { TestbedEvent } from "../../testbed/protocol.ts";
import type { Terminal } from "../terminal.ts";
import { eventLine } from "../event-line.ts";
import { advance, launchBegins, type LaunchProgress } from "./launch-progress.ts";
import { LiveArea } from "./live-area.ts";
import { renderLive } from "./live-view.ts";

/** Shows the events of a launch while they come. Nothing may print on standard error beside it until it is disposed. */
export interface ProgressDisplay extends Disposable {
  show(event: TestbedEvent): void;
}

/** Redrawn lines for a person at a terminal, a line an event for everything else. */
export function progressDisplay(name: string, terminal: Terminal): ProgressDisplay {
  return terminal.isLive ? new LiveDisplay(name, terminal) : new LineDisplay(terminal);
}

/** One line an event; a step that only gets further in numbers is not told again. */
class LineDisplay implements ProgressDisplay {
  readonly #terminal: Terminal;
  readonly #told = new Map<string, string>();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(event: TestbedEvent): void {
    if (event.type === "progress") {
      if (this.#told.get(event.step) === event.message) return;
      this.#told.set(event.step, event.message);
    }
    this.#terminal.note(eventLine(event, this.#terminal.errorColors));
  }

  [Symbol.dispose](): void {
    this.#told.clear();
  }
}

class LiveDisplay implements ProgressDisplay {
  readonly #terminal: Terminal;
  readonly #area: LiveArea;
  readonly #begun = performance.now();
  #progress: LaunchProgress = launchBegins;

  constructor(name: string, terminal: Terminal) {
    this.#terminal = terminal;
    this.#area = new LiveArea(terminal, (frame) => {
      const progress = { ...this.#progress, elapsedMs: performance.now() - this.#begun };
      return renderLive(name, progress, { ...frame, colors: terminal.errorColors });
    });
  }

  show(event: TestbedEvent): void {
    this.#progress = advance(this.#progress, event);
    // What must not scroll away with the next frame stays above the view.
    const lasting = event.type === "notice" || event.type === "node-failed" || event.type === "panel";
    this.#area.draw(lasting ? [eventLine(event, this.#terminal.errorColors)] : []);
  }

  [Symbol.dispose](): void {
    this.#area[Symbol.dispose]();
  }
}
