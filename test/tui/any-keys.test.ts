import fc from "fast-check";
import { expect, test } from "vitest";
import type { Action } from "../../src/tui/model/action.ts";
import { lineWidth } from "../../src/tui/line/line.ts";
import { placedPanes } from "../../src/tui/layout/screen.ts";
import { routedTour } from "../../src/tui/demo/routed-tour.ts";
import { actionsOf, after, key, recordings, replayed } from "./replay.ts";

const names = [
  ...Array.from("12345?:/nNtcdfixwmopqabelrsKPRDAQ[]hjkl "),
  ...["enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "space", "backspace", "pageup", "pagedown"],
  ...["ctrl+c", "ctrl+p", "ctrl+]", "ctrl+u", "f1"],
];

const size = fc.record({ columns: fc.integer({ min: 1, max: 220 }), rows: fc.integer({ min: 1, max: 70 }) });

const happening = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...names).map(key) },
  { weight: 2, arbitrary: size.map((to): Action => ({ type: "resize", ...to })) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 60_000 }).map((ms): Action => ({ type: "tick", now: 1_795_819_468_000 + ms })),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ type: "demo", tour: routedTour }) },
  { weight: 1, arbitrary: fc.constantFrom(...recordings).chain((name) => fc.constantFrom(...actionsOf(name))) },
);

test("whatever is typed, clicked and told, in whatever order, there is a screen of its size", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...recordings),
      size,
      fc.array(happening, { maxLength: 40 }),
      (recording, at, happenings) => {
        let state = replayed(recording, at);
        for (const action of happenings) {
          ({ state } = after(state, action));
          // What a click would do can be done.
          const targets = placedPanes(state).flatMap(({ pane }) => pane.targets ?? []);
          const click = targets[happenings.length % Math.max(1, targets.length)]?.click;
          if (click !== undefined) after(state, click);
        }
        for (const { area, pane } of placedPanes(state)) {
          expect(area.x + area.width).toBeLessThanOrEqual(state.columns);
          expect(area.y + area.height).toBeLessThanOrEqual(state.rows);
          for (const line of pane.lines) expect(Number.isFinite(lineWidth(line))).toBe(true);
        }
      },
    ),
    { numRuns: 60 },
  );
});
