import { join } from "node:path";
import { render } from "ink";
import { World } from "../effects/world.ts";
import type { Outcomes, TuiServices } from "../effects/services.ts";
import { clickAt, placedPanes } from "../layout/screen.ts";
import { tuiBegins } from "../model/begin.ts";
import type { Action } from "../model/action.ts";
import type { Tour } from "../model/demo.ts";
import type { PlacedPane } from "../pane/pane.ts";
import { readInput } from "../terminal/input-reader.ts";
import type { TerminalInput } from "../terminal/key-parser.ts";
import { ScreenGuard } from "../terminal/screen-guard.ts";
import { paletteOf, sizeOf, type TerminalStreams } from "../terminal/streams.ts";
import { App } from "../view/app.tsx";
import { watchEndings } from "./endings.ts";
import { FrameLimiter } from "./frame-limiter.ts";
import { Store } from "./store.ts";

/** Milliseconds between two looks at the clock. */
const tickMs = 500;
const wheelLines = 3;

/** What to open the user interface with. */
export interface TuiOptions {
  readonly streams: TerminalStreams;
  readonly services: TuiServices;
  /** Attach to this testbed at once. */
  readonly testbed?: string | undefined;
  /** Begin this tour: on the testbed, or on one that is launched for it. */
  readonly tour?: Tour | undefined;
}

/** How it ended: as its user wished, or by a signal. */
export interface TuiEnd {
  readonly signal: NodeJS.Signals | undefined;
}

/** Open the user interface, until its user leaves it or a signal ends it. The terminal is as before afterwards. */
export async function openTui(options: TuiOptions): Promise<TuiEnd> {
  const { streams, services, tour } = options;
  const { stdin, stdout } = streams;
  const palette = paletteOf(streams.environment);
  let panes: readonly PlacedPane[] = [];
  const element = (): ReturnType<typeof App> => {
    const { state } = store;
    panes = placedPanes(state);
    return <App columns={state.columns} rows={state.rows} panes={panes} palette={palette} />;
  };
  const { promise: left, resolve: leave } = Promise.withResolvers<TuiEnd>();
  const outcomes: Outcomes = {
    services,
    dispatch: (action: Action) => {
      store.dispatch(action);
    },
  };
  const world = new World(outcomes, () => {
    leave({ signal: undefined });
  });
  const store = new Store(tuiBegins(sizeOf(stdout), Date.now()), world.perform, (urgently) => {
    limiter.request(urgently);
  });
  const screen = render(element(), {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    exitOnCtrlC: false,
    patchConsole: false,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    maxFps: 60,
  });
  using guard = new ScreenGuard(streams, () => {
    screen.unmount();
  });
  const limiter = new FrameLimiter(
    () => {
      screen.rerender(element());
    },
    {
      now: () => performance.now(),
      set: setTimeout,
      clear: (timer) => {
        clearTimeout(timer as NodeJS.Timeout);
      },
    },
  );
  using _endings = watchEndings(guard.release, (signal) => {
    leave({ signal });
  });
  using _input = readInput(stdin, (input) => {
    takeInput(input, store.dispatch, () => panes);
  });
  const resized = (): void => {
    store.dispatch({ type: "resize", ...sizeOf(stdout) });
  };
  stdout.on("resize", resized);
  const hungUp = (): void => {
    leave({ signal: "SIGHUP" });
  };
  stdin.once("end", hungUp);
  stdin.once("error", hungUp);
  const ticking = setInterval(() => {
    store.dispatch({ type: "tick", now: Date.now() });
  }, tickMs);
  world.perform({ type: "find-topologies" });
  if (tour !== undefined) store.dispatch({ type: "demo", tour });
  void begin(options, world).then((isThere) => {
    if (!isThere && tour !== undefined) store.dispatch({ type: "demo-off" });
  });
  try {
    return await left;
  } finally {
    clearInterval(ticking);
    limiter.stop();
    stdout.off("resize", resized);
    guard.release();
    await world[Symbol.asyncDispose]();
  }
}

/** Attach to what was asked for; a tour whose topology does not run is launched first. */
async function begin({ testbed, tour, services }: TuiOptions, world: World): Promise<boolean> {
  if (testbed !== undefined) return world.attach(testbed);
  if (tour === undefined) return false;
  const { topology, parameters = {} } = tour;
  return world.launch(join(services.ownTopologies, topology), { parameters });
}

function takeInput(input: TerminalInput, dispatch: (action: Action) => void, panes: () => readonly PlacedPane[]): void {
  if (input.type === "key") {
    dispatch({ type: "key", key: input.key });
    return;
  }
  const { mouse } = input;
  if (mouse.type === "press") {
    const click = clickAt(panes(), mouse.x, mouse.y);
    if (click !== undefined) dispatch(click);
  } else dispatch({ type: "scroll", lines: mouse.type === "wheel-up" ? wheelLines : -wheelLines });
}
