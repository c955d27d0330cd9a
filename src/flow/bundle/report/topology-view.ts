import { graphSvg, type Plan } from "../../../topology/index.ts";
import type { FailingPlace } from "../failing-hop.ts";
import { escapeHtml, Html } from "./html.ts";

/** The drawing of a topology with the place of a failure marked; its colours follow the page's. */
export async function topologyView(plan: Plan, place: FailingPlace, faults: FailingPlace): Promise<Html> {
  const svg = await graphSvg(plan);
  return new Html(markPlaces(svg.slice(svg.indexOf("<svg")), place, faults));
}

/** Give the groups of wires and nodes in an SVG of Graphviz the classes `failing` and `broken`. */
export function markPlaces(svg: string, failing: FailingPlace, broken: FailingPlace): string {
  return svg
    .replaceAll(
      /<g id="([^"]*)" class="(node|edge)">\n<title>([^<]*)<\/title>([^]*?)(?=<!--|<\/g>\n<\/svg>)/g,
      (whole, id: string, kind: string, title: string, rest: string) => {
        const link = /xlink:title="([^"]*)"/.exec(rest)?.[1];
        const name = decode(kind === "edge" ? (link ?? title) : title);
        const list = kind === "edge" ? "wires" : "nodes";
        const marks = [
          ...(failing[list].includes(name) ? ["failing"] : []),
          ...(broken[list].includes(name) ? ["broken"] : []),
        ];
        return whole.replace(
          `<g id="${id}" class="${kind}">`,
          `<g class="${[kind, ...marks].join(" ")}" data-name="${escapeHtml(name)}">`,
        );
      },
    )
    .replace(/<svg width="[^"]*" height="[^"]*"/, '<svg role="img" aria-label="topology"')
    .replaceAll(/ id="a?_?(?:graph|edge|a_edge|a_node)\d*"/g, "");
}

function decode(text: string): string {
  return text.replaceAll("&#45;", "-").replaceAll("&#58;", ":").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
