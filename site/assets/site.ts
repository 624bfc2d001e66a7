/** Theme, navigation and search of every page. */
export {};

const root = document.documentElement;
const base = new URL(root.dataset["base"] ?? "./", location.href);

const themes = ["light", "dark"] as const;
const stored = (): string | null => {
  try {
    return localStorage.getItem("gradpool-theme");
  } catch {
    return null;
  }
};
const chosen = stored();
if (themes.some((theme) => theme === chosen)) root.dataset["theme"] = chosen as string;
document.getElementById("theme")?.addEventListener("click", () => {
  const dark = getComputedStyle(root).colorScheme === "dark";
  root.dataset["theme"] = dark ? "light" : "dark";
  try {
    localStorage.setItem("gradpool-theme", root.dataset["theme"]);
  } catch {
    // A browser that keeps nothing still changes the page.
  }
  document.dispatchEvent(new Event("theme"));
});

const side = document.getElementById("side") as HTMLDetailsElement | null;
if (side !== null && matchMedia("(max-width: 60rem)").matches) side.open = false;

interface Found {
  readonly url: string;
  readonly excerpt: string;
  readonly meta: Readonly<Record<string, string>>;
}
interface Index {
  options(options: { readonly baseUrl: string }): Promise<void>;
  search(text: string): Promise<{ readonly results: readonly { data(): Promise<Found> }[] }>;
}

let index: Promise<Index> | undefined;
/** The index comes when somebody searches, not with the page; its addresses count from the site's own start. */
async function loadIndex(): Promise<Index> {
  const loaded = (await import(new URL("pagefind/pagefind.js", base).href)) as Index;
  await loaded.options({ baseUrl: "/" });
  return loaded;
}

const input = document.getElementById("search") as HTMLInputElement;
const found = document.getElementById("found") as HTMLElement;
let asked = 0;

async function search(): Promise<void> {
  const mine = ++asked;
  const text = input.value.trim();
  if (text === "") {
    found.hidden = true;
    return;
  }
  const { results } = await (await (index ??= loadIndex())).search(text);
  const shown = await Promise.all(results.slice(0, 12).map((result) => result.data()));
  if (mine !== asked) return;
  const heading = document.createElement("p");
  heading.className = "faint";
  heading.textContent = results.length === 0 ? `Nothing found for “${text}”` : `${results.length} pages for “${text}”`;
  const list = document.createElement("ol");
  list.append(...shown.map(entry));
  found.replaceChildren(heading, ...(shown.length > 0 ? [list] : []));
  found.hidden = false;
}

function entry({ url, excerpt, meta }: Found): HTMLElement {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = new URL(url.replace(/^\//, ""), base).href;
  link.textContent = meta["title"] ?? url;
  const text = document.createElement("p");
  for (const [k, part] of excerpt.split(/<\/?mark>/).entries()) {
    const plain = new DOMParser().parseFromString(part, "text/html").body.textContent ?? "";
    if (k % 2 === 0) text.append(plain);
    else {
      const mark = document.createElement("mark");
      mark.textContent = plain;
      text.append(mark);
    }
  }
  item.append(link, text);
  return item;
}

let waiting: ReturnType<typeof setTimeout> | undefined;
input.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => void search(), 120);
});
document.getElementById("search-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  void search();
});
document.addEventListener("keydown", (event) => {
  const target = event.target as HTMLElement;
  const typing = target.matches("input, textarea, select");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    input.focus();
  }
  if (event.key === "Escape" && !found.hidden) {
    found.hidden = true;
    input.focus();
  }
});
