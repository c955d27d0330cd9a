import { Html } from "./html.ts";

/** The style sheet of a report, for light and dark screens alike. */
export const style = new Html(`
:root {
  --paper: #f6f7f9; --card: #ffffff; --ink: #1b2330; --quiet: #5d6a7a; --line: #dde2e9; --code: #f1f4f8;
  --good: #1a7f4b; --bad: #c22f3d; --bad-soft: #fdecee; --warn: #9a6200; --warn-soft: #fff4dc; --accent: #2f6f9f;
  --there: #2f6f9f; --back: #7a55a8; --band: rgba(214, 137, 16, .22); --shadow: 0 1px 2px rgba(20, 30, 45, .06), 0 4px 16px rgba(20, 30, 45, .05);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #10151c; --card: #181f29; --ink: #e4e9f0; --quiet: #94a1b3; --line: #2b3542; --code: #131a23;
    --good: #4cc58a; --bad: #ff7a85; --bad-soft: #351c22; --warn: #e6b455; --warn-soft: #33290f; --accent: #74b4e4;
    --there: #74b4e4; --back: #b797e4; --band: rgba(230, 180, 85, .2); --shadow: 0 0 0 1px rgba(255, 255, 255, .03);
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif; }
.page { max-width: 1160px; margin: 0 auto; padding: 0 24px; }
h1, h2, h3, h4, p, ul, dl { margin: 0; }
a { color: var(--accent); }
code, pre, time, .took, .hop, .place { font-family: var(--mono); }
code { font-size: .92em; }
pre { margin: 8px 0; padding: 10px 14px; overflow-x: auto; background: var(--code); border-radius: 6px; font-size: 12.5px; line-height: 1.5; tab-size: 4; }
.quiet { color: var(--quiet); font-weight: 400; }

.top { background: var(--card); border-bottom: 1px solid var(--line); border-top: 5px solid var(--good); padding: 26px 0 22px; }
.top.failed { border-top-color: var(--bad); } .top.none { border-top-color: var(--quiet); }
.brand { color: var(--quiet); font-size: 13px; letter-spacing: .03em; }
h1 { font-size: 30px; line-height: 1.25; letter-spacing: -.01em; }
.meta { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--quiet); margin-top: 6px; }
.counts { display: flex; flex-wrap: wrap; gap: 10px; margin-top: 16px; }
.count { padding: 5px 14px; border: 1px solid var(--line); border-radius: 999px; }
.count b { font-size: 17px; margin-right: 3px; } .count.failed b { color: var(--bad); } .count.passed b { color: var(--good); } .count.skipped b { color: var(--warn); }
.again { margin-top: 16px; color: var(--quiet); font-size: 13.5px; } .again code { color: var(--ink); overflow-wrap: anywhere; user-select: all; }

main { padding-top: 8px; padding-bottom: 64px; }
h2 { font-size: 19px; margin: 40px 0 12px; }
.file h3 { font: 600 13.5px var(--mono); color: var(--quiet); margin: 28px 0 8px; overflow-wrap: anywhere; }
.flow { background: var(--card); border: 1px solid var(--line); margin-bottom: -1px; }
.file .flow:first-of-type { border-radius: 8px 8px 0 0; } .file .flow:last-child { border-radius: 0 0 8px 8px; margin-bottom: 0; } .file .flow:only-of-type, .file h3 + .flow:last-child { border-radius: 8px; }
.flow > summary, div.flow { display: flex; align-items: center; gap: 12px; padding: 9px 16px; list-style: none; }
.flow > summary { cursor: pointer; } .flow > summary::-webkit-details-marker { display: none; }
.flow > summary:hover { background: var(--code); }
.flow.failed { border-left: 3px solid var(--bad); }
.mark { flex: none; width: 20px; height: 20px; border-radius: 50%; display: grid; place-items: center; color: var(--card); font-size: 12px; font-weight: 700; background: var(--good); }
.mark.failed { background: var(--bad); } .mark.skipped { background: var(--quiet); }
.flow-name { flex: 1; min-width: 0; overflow-wrap: anywhere; } .failed .flow-name { font-weight: 600; }
.badge { flex: none; font-size: 12px; padding: 1px 9px; border-radius: 999px; color: var(--warn); background: var(--warn-soft); }
.rate { flex: none; font-size: 12px; padding: 1px 9px; border-radius: 999px; color: var(--bad); background: var(--bad-soft); }
.rounds { display: flex; flex-wrap: wrap; gap: 3px; max-width: 240px; } .rounds i { width: 7px; height: 14px; border-radius: 2px; background: var(--good); opacity: .75; } .rounds .failed { background: var(--bad); opacity: 1; } .rounds .skipped { background: var(--line); }
.bar { flex: none; width: 90px; height: 5px; border-radius: 3px; background: var(--line); overflow: hidden; } .bar i { display: block; height: 100%; background: var(--accent); border-radius: 3px; }
.took { flex: none; width: 72px; text-align: right; font-size: 12.5px; color: var(--quiet); }
.flow-body { padding: 6px 20px 24px; border-top: 1px solid var(--line); }
.round > summary { cursor: pointer; padding: 8px 0 2px; font-weight: 600; font-size: 14px; overflow-wrap: anywhere; } .round > summary .quiet { margin-left: 8px; font-size: 13px; } .round[open] > summary .quiet { display: none; }
h4 { font-size: 14px; margin: 26px 0 8px; }

.reason { margin-top: 12px; } .headline { color: var(--bad); font-weight: 600; overflow-wrap: anywhere; }
.place { color: var(--quiet); font-size: 12.5px; margin-top: 8px; }
.troubles, .faults { padding-left: 20px; } .troubles li { color: var(--warn); overflow-wrap: anywhere; } .troubles { margin-top: 10px; }
.faults li { color: var(--warn); }

.failing-place { font: 600 13.5px var(--mono); color: var(--bad); }
.drawing { margin: 8px 0; padding: 14px; background: var(--code); border-radius: 8px; overflow-x: auto; text-align: center; }
.drawing svg { max-width: 100%; height: auto; max-height: 300px; width: 100%; }
.drawing svg > g > polygon:first-of-type { fill: transparent; }
/* The layout is for Helvetica; what stands in for it is often wider. */
.drawing text { font-family: Helvetica, Arial, "Liberation Sans", sans-serif; } .drawing text[font-size="9.00"]:not([fill="#ffffff"]) { font-size: 7.6px; } .drawing text[font-size="11.00"]:not([fill="#ffffff"]) { font-size: 9.6px; }
.drawing .node polygon[fill="#ffffff"] { fill: var(--card); } .drawing .node text:not([fill="#ffffff"]) { fill: var(--ink); } .drawing text[fill="#5b6770"] { fill: var(--quiet); }
.drawing .node polygon[stroke="#b8c2cc"] { stroke: var(--line); }
.drawing .cluster path, .drawing .cluster polygon { fill: var(--card); fill-opacity: .5; stroke: var(--line); } .drawing .cluster text { fill: var(--quiet); }
.drawing .edge path { stroke: var(--quiet); } .drawing .edge text { fill: var(--quiet); }
.drawing .edge.broken path { stroke: var(--warn); stroke-dasharray: 5 4; stroke-width: 2.2; }
.drawing .edge.failing path { stroke: var(--bad); stroke-width: 3.4; }
.drawing .node.broken polygon[fill="none"] { stroke: var(--warn); stroke-width: 2; } .drawing .node.failing polygon[fill="none"] { stroke: var(--bad); stroke-width: 2.4; }

.lanes { margin: 6px 0 0; }
.lane { display: grid; grid-template-columns: minmax(90px, 220px) 1fr; gap: 14px; align-items: center; }
.lane-name { font: 12px var(--mono); text-align: right; color: var(--quiet); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.lane.failing .lane-name { color: var(--bad); font-weight: 700; }
.track { position: relative; height: 34px; background: linear-gradient(var(--line), var(--line)) center / 100% 1px no-repeat; }
.track i { position: absolute; margin-left: -1px; width: 2px; }
.frame.there { top: 4px; height: 12px; background: var(--there); } .frame.back { bottom: 4px; height: 12px; background: var(--back); }
.frame.background { opacity: .32; } .frame.lost { background: var(--bad); width: 4px !important; margin-left: -2px !important; opacity: 1; }
.track .end { top: 0; bottom: 0; width: 2px; background: var(--bad); opacity: .8; }
.band { position: absolute; top: 1px; bottom: 1px; min-width: 3px; background: var(--band); border-radius: 3px; border-left: 2px solid var(--warn); }
.axis .track { height: 20px; background: none; } .axis span { position: absolute; transform: translateX(-50%); font: 11px var(--mono); color: var(--quiet); white-space: nowrap; } .axis span:first-child { transform: none; } .axis span:last-child { transform: translateX(-100%); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 12px; color: var(--quiet); margin-top: 8px; }
.key { display: inline-block; width: 3px !important; height: 12px; margin-right: 6px !important; vertical-align: -1px; background: var(--there); } .key.band { position: static; width: 14px !important; background: var(--band); }

.story header { display: flex; align-items: baseline; justify-content: space-between; gap: 12px; flex-wrap: wrap; }
.toggle { font-size: 12.5px; color: var(--quiet); cursor: pointer; }
.story:not(:has(.toggle input:checked)) .frame-row.background { display: none; }
.rows { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--card); }
.row { border-top: 1px solid var(--line); font-size: 13px; } .row:first-child { border-top: 0; }
.row.entry, .frame-row > summary { display: grid; grid-template-columns: 76px minmax(120px, 210px) 1fr; gap: 12px; padding: 5px 14px; align-items: baseline; }
.row time { font-size: 11.5px; color: var(--quiet); text-align: right; }
.frame-row > summary { cursor: pointer; list-style: none; } .frame-row > summary::-webkit-details-marker { display: none; } .frame-row > summary:hover { background: var(--code); }
.hop { font-size: 12px; overflow-wrap: anywhere; } .arrow { color: var(--quiet); }
.text { min-width: 0; overflow-wrap: anywhere; } .frame-row .text { font: 12px/1.55 var(--mono); }
.note { font-style: normal; color: var(--quiet); } .lost .note, .frame-row.lost .text { color: var(--bad); }
.frame-row.failing > summary { box-shadow: inset 3px 0 var(--bad); }
.row.entry { background: var(--code); } .kind { font-weight: 600; font-size: 12px; overflow-wrap: anywhere; }
.kind.fault, .kind.heal { color: var(--warn); } .kind.send, .kind.run { color: var(--accent); } .kind.testbed { color: var(--quiet); font-weight: 400; }
.row.fault { background: var(--warn-soft); } .row.failed { background: var(--bad-soft); } .row.failed .kind, .row.failed .text { color: var(--bad); }
.frame-details { display: flex; flex-wrap: wrap; gap: 10px; padding: 0 14px 10px; } .frame-details pre { flex: 1 1 380px; min-width: 0; margin: 0; } 
.logs details, .fold { border: 1px solid var(--line); border-radius: 8px; background: var(--card); margin-top: 8px; }
.logs summary, .fold > summary { padding: 7px 14px; cursor: pointer; font-size: 13.5px; } .fold > :not(summary) { margin-left: 14px; margin-right: 14px; } .fold { padding-bottom: 1px; } .fold[open] { padding-bottom: 14px; }
.logs pre { margin: 0 14px 12px; max-height: 420px; }
.files { margin-top: 16px; font-size: 13px; color: var(--quiet); }

.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 20px; margin: 18px 0; font-size: 13.5px; } .facts dt { color: var(--quiet); } .facts dd { margin: 0; font-family: var(--mono); font-size: 12.5px; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: 13px; } th { text-align: left; font-weight: 500; padding: 2px 20px 2px 0; white-space: nowrap; vertical-align: top; } td { padding: 2px 0; color: var(--quiet); overflow-wrap: anywhere; }
tr.warning th { color: var(--warn); } tr.problem th { color: var(--bad); }
@media (max-width: 720px) {
  .page { padding: 0 14px; } .bar, .rounds { display: none; } .lane { grid-template-columns: 92px 1fr; gap: 8px; }
  .row.entry, .frame-row > summary { grid-template-columns: 64px 1fr; } .row .text { grid-column: 1 / -1; } .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: 6px; }
  th { white-space: normal; }
}
@media print { .flow > summary { break-after: avoid; } .rows, .drawing { break-inside: avoid; } }
`);
