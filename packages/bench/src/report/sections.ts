import type { Draw } from "./draw.js";
import type { Section } from "./page/page.js";
import type { Source } from "./sources.js";
import { overview } from "./tables/overview.js";
import { published } from "./tables/published.js";
import { failures, trials } from "./tables/trials.js";

/** What the report shows, in order; a section without content is left out. */
export function sections(source: Source, _draw: Draw): readonly Section[] {
  return [
    { id: "overview", title: "Overview", html: overview(source) },
    { id: "published", title: "Published", html: published(source) },
    { id: "failures", title: "Failures", html: failures(source) },
    { id: "trials", title: "Trials", html: trials(source) },
  ];
}
