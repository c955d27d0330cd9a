import { contains, type Rectangle } from "../canvas/canvas.ts";
import type { Action } from "../model/action.ts";
import type { TuiState } from "../model/state.ts";
import { factsPane } from "../pane/fact-panes.ts";
import { flowFilesPane, outcomePane } from "../pane/flow-panes.ts";
import { footerPane, headerPane, tooSmallPane } from "../pane/frame-panes.ts";
import { bringUpPane, choicesPane, previewPane } from "../pane/launch-panes.ts";
import { consolePane, execPane, logPane } from "../pane/node-panes.ts";
import { captionPane, confirmPane, endsPane, helpPane, palettePane } from "../pane/overlay-panes.ts";
import type { Pane, PlacedPane } from "../pane/pane.ts";
import { detailPane, drawingPane, wireListPane } from "../pane/rack-panes.ts";
import { wirePane } from "../pane/wire-panes.ts";
import { bodyArea, captionArea, detailArea, factsArea, isTooSmall, rackArea, tabArea, wireListArea } from "./areas.ts";

/** A view of the state that fills a rectangle. */
export type PaneMaker = (state: TuiState, width: number, height: number) => Pane;

/** Everything on the screen at its place: what the components draw and where the mouse finds what. */
export function placedPanes(state: TuiState): readonly PlacedPane[] {
  const { columns, rows } = state;
  const whole = { x: 0, y: 0, width: columns, height: rows };
  if (isTooSmall(state)) return [{ name: "too-small", area: whole, pane: tooSmallPane(state) }];
  const caption =
    state.demo === undefined
      ? []
      : [
          placed("caption", captionArea(state), state, (s, width, height) =>
            captionPane(state.demo ?? never(), s, width, height),
          ),
        ];
  return [
    placed("header", { ...whole, height: 1 }, state, headerPane),
    ...(overlayPanes(state) ?? viewPanes(state)),
    ...caption,
    placed("footer", { ...whole, y: rows - 1, height: 1 }, state, footerPane),
  ];
}

/** What a click at a place of the screen means; undefined for nothing. */
export function clickAt(panes: readonly PlacedPane[], x: number, y: number): Action | undefined {
  const hit = panes.find(({ area }) => contains(area, x, y));
  return hit?.pane.targets?.find(({ area }) => contains(area, x - hit.area.x, y - hit.area.y))?.click;
}

function placed(name: string, area: Rectangle, state: TuiState, make: PaneMaker): PlacedPane {
  return { name, area, pane: make(state, area.width, area.height) };
}

function never(): never {
  throw new Error("a caption without a tour");
}

function overlayPanes(state: TuiState): readonly PlacedPane[] | undefined {
  const { overlay } = state;
  const body = bodyArea(state);
  switch (overlay?.kind) {
    case undefined:
    case "input":
      return undefined;
    case "help":
      return [placed("help", body, state, helpPane)];
    case "palette":
      return [
        placed("palette", body, state, (s, width, height) =>
          palettePane(s, overlay.input, overlay.chosen, width, height),
        ),
      ];
    case "ends":
      return [placed("ends", body, state, (s, width, height) => endsPane(s, overlay, width, height))];
    case "confirm":
      return [placed("confirm", body, state, (_, width, height) => confirmPane(overlay.question, width, height))];
  }
}

function viewPanes(state: TuiState): readonly PlacedPane[] {
  const body = bodyArea(state);
  switch (state.view) {
    case "launch": {
      if (state.launch.underWay !== undefined) return [placed("bring-up", body, state, bringUpPane)];
      const width = Math.min(40, Math.floor(body.width * 0.42));
      return [
        placed("choices", { ...body, width }, state, choicesPane),
        placed("preview", { ...body, x: width + 1, width: body.width - width - 1 }, state, previewPane),
      ];
    }
    case "rack": {
      const list = wireListArea(state);
      return [
        placed("drawing", rackArea(state), state, drawingPane),
        ...(list === undefined ? [] : [placed("wires", list, state, wireListPane)]),
        placed("detail", detailArea(state), state, detailPane),
      ];
    }
    case "node": {
      const [facts, tab] = [factsArea(state), tabArea(state)];
      return [
        ...(facts === undefined ? [] : [placed("facts", facts, state, factsPane)]),
        ...(tab === undefined ? [] : [placed(state.node.tab, tab, state, tabPane(state))]),
      ];
    }
    case "wire":
      return [placed("wire", body, state, wirePane)];
    case "flow": {
      const height = Math.max(4, Math.floor(body.height / 3));
      return [
        placed("flows", { ...body, height }, state, flowFilesPane),
        placed("outcome", { ...body, y: body.y + height, height: body.height - height }, state, outcomePane),
      ];
    }
  }
}

function tabPane({ node }: TuiState): PaneMaker {
  switch (node.tab) {
    case "console":
      return consolePane;
    case "log":
      return logPane;
    case "exec":
    case "facts":
      return execPane;
  }
}
