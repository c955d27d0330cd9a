import { Box, Text } from "ink";
import { memo, type ReactElement } from "react";
import { fitLine } from "../line/line.ts";
import { type Palette, paintLine } from "../line/palette.ts";
import type { PlacedPane } from "../pane/pane.ts";

/** What the user interface is drawn from. */
export interface AppProps {
  readonly columns: number;
  readonly rows: number;
  readonly panes: readonly PlacedPane[];
  readonly palette: Palette;
}

/** The whole screen: every pane at its place. */
export function App({ columns, rows, panes, palette }: AppProps): ReactElement {
  return (
    <Box width={columns} height={rows}>
      {panes.map((placed) => (
        <PaneView key={placed.name} placed={placed} palette={palette} />
      ))}
    </Box>
  );
}

/** A pane at its place. Its text is painted here, so that a pane that looks as before costs nothing. */
function PaneView({ placed, palette }: { readonly placed: PlacedPane; readonly palette: Palette }): ReactElement {
  const { area, pane } = placed;
  const text = pane.lines
    .slice(0, area.height)
    .map((each) => paintLine(fitLine(each, area.width, false), palette))
    .join("\n");
  return <PaneText {...area} text={text} />;
}

const PaneText = memo(function PaneText({
  x,
  y,
  width,
  height,
  text,
}: PlacedPane["area"] & { readonly text: string }): ReactElement {
  const rows = text === "" ? [] : text.split("\n");
  return (
    <Box position="absolute" marginLeft={x} marginTop={y} width={width} height={height} flexDirection="column">
      {rows.map((row, index) => (
        <RowText key={index} text={row} />
      ))}
    </Box>
  );
});

const RowText = memo(function RowText({ text }: { readonly text: string }): ReactElement {
  return (
    <Box height={1} flexShrink={0}>
      <Text wrap="truncate">{text === "" ? " " : text}</Text>
    </Box>
  );
});
