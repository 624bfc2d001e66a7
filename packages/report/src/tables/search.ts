import * as format from "../drawing/format.js";
import { type Html, joined, markup, nothing } from "../drawing/html.js";
import type { Source } from "../source/sources.js";

/** What each contender's search was allowed and took, and where its best point lies. Nothing where nobody had a choice. */
export function searchTable({ summary }: Source): Html {
  const { search = [] } = summary;
  if (search.length === 0) return nothing;
  const rows = search.map(
    ({ name, strategy, points, epochs, epochsTaken, best, places }) =>
      markup`<tr><th scope="row">${name}</th><td>${strategy}</td><td class="n">${points}</td><td class="n">${format.group(epochsTaken)} of ${format.group(epochs)}</td><td class="n">${best === null ? "undefined" : format.metric(best)}</td><td>${places.map(placeText).join("; ") || "–"}</td></tr>`,
  );
  const metric = format.metricLabel(search[0]?.metric ?? "");
  return markup`<div class="scroll wide" tabindex="0" role="region" aria-label="Budget of the search"><table id="search-table"><caption>Budget of the search: the same for every pool. A best value at the edge of its range may be better beyond it.</caption><thead><tr><th scope="col">Pool</th><th scope="col">Strategy</th><th scope="col">Points</th><th scope="col">Epochs</th><th scope="col">Best ${metric}</th><th scope="col">Where it lies</th></tr></thead><tbody>${joined(rows, "\n")}</tbody></table></div>`;
}

type Place = NonNullable<Source["summary"]["search"]>[number]["places"][number];

function placeText({ name, value, among, position, atEdge }: Place): string {
  const share = position === null ? `of ${among}` : `${Math.round(100 * position)} % of ${among}`;
  return `${name} = ${value} (${share}${atEdge ? ", at the edge" : ""})`;
}
