/**
 * The page's script: tabs, sorting, search, theme, data tables and downloads. The page can be read without it, so it only
 * adds. Plain JavaScript for every browser of the last years; it asks the network for nothing.
 */
export const client: string = `"use strict";
(() => {
const root = document.documentElement;
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
root.classList.add("js-on");

const button = document.getElementById("theme");
const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
const nameTheme = () => { button.textContent = dark() ? "Light theme" : "Dark theme"; };
button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; nameTheme(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
nameTheme();

for (const box of all(".tabs")) {
  const panels = all(":scope > .tab", box);
  const list = make("div", { className: "tablist" });
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.label);
  const tabs = panels.map((panel) => {
    const tab = make("button", { type: "button", id: panel.id + "-tab", textContent: panel.dataset.label });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    return tab;
  });
  const select = (chosen) => tabs.forEach((tab, k) => {
    tab.setAttribute("aria-selected", String(k === chosen));
    tab.tabIndex = k === chosen ? 0 : -1;
    panels[k].hidden = k !== chosen;
  });
  tabs.forEach((tab, k) => {
    tab.addEventListener("click", () => select(k));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: k + 1, ArrowLeft: k - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = (to + tabs.length) % tabs.length;
      select(next);
      tabs[next].focus();
    });
  });
  list.append(...tabs);
  box.prepend(list);
  select(0);
}

const keyOf = (row, column) => {
  const cell = row.cells[column];
  const text = cell.dataset.key ?? cell.textContent.trim();
  return text === "" || text === "–" ? null : text;
};
for (const table of all("table.sortable")) {
  const heads = all("thead th", table);
  const body = table.tBodies[0];
  const first = [...body.rows];
  heads.forEach((head, column) => {
    if ("plain" in head.dataset) return;
    const trigger = make("button", { type: "button", textContent: head.textContent });
    head.replaceChildren(trigger);
    trigger.addEventListener("click", () => {
      const keys = new Map(first.map((row) => [row, keyOf(row, column)]));
      const known = [...keys.values()].filter((key) => key !== null);
      const numeric = known.length > 0 && known.every((key) => !Number.isNaN(Number(key)));
      const before = head.getAttribute("aria-sort");
      const up = before === null ? !numeric : before === "descending";
      const compare = (a, b) => numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true });
      const rows = [...first].sort((a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        if (x === null || y === null) return (x === null) - (y === null);
        return up ? compare(x, y) : compare(y, x);
      });
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      body.append(...rows);
    });
  });
}

const search = document.getElementById("search");
search?.addEventListener("input", () => {
  // "seed 2" and "lr = 0.01" are one word each; a word is found where a word of the trial begins with it.
  const text = search.value.toLowerCase().replaceAll(/\\s*=\\s*/g, "=").replaceAll(/\\bseed\\s+(?=\\d)/g, "seed=");
  const words = text.split(/\\s+/).filter(Boolean).map((word) => " " + word + (/^seed=\\d/.test(word) ? " " : ""));
  const rows = all("#trials-table tbody tr");
  let shown = 0;
  for (const row of rows) {
    row.hidden = !words.every((word) => row.dataset.text.includes(word));
    if (!row.hidden) shown++;
  }
  document.getElementById("search-count").value = shown + " of " + rows.length + " trials";
});

const dataOf = (id) => JSON.parse(document.getElementById(id + "-data").textContent);
// Spreadsheets take text that begins so for a formula; numbers are none.
const formula = /^[=+\\-@\\t\\r\\n]/;
const field = (value) => {
  const text = value === null ? "" : typeof value === "string" && formula.test(value) ? "'" + value : String(value);
  return /[",\\n\\r]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
};
const textOf = {
  csv: ({ columns, rows }) => [columns, ...rows].map((row) => row.map(field).join(",") + "\\r\\n").join(""),
  json: ({ columns, rows }) => JSON.stringify(rows.map((row) => Object.fromEntries(row.map((value, k) => [columns[k], value]))), null, 1) + "\\n",
};
for (const trigger of all("[data-download]")) {
  trigger.addEventListener("click", () => {
    const { download: kind, of } = trigger.dataset;
    const type = kind === "csv" ? "text/csv;charset=utf-8" : "application/json";
    const href = URL.createObjectURL(new Blob([textOf[kind](dataOf(of))], { type }));
    const link = make("a", { href, download: document.getElementById(of + "-data").dataset.name + "." + kind });
    link.click();
    setTimeout(() => URL.revokeObjectURL(href), 10000);
  });
}

const page = 200;
const fill = (box) => {
  const { columns, rows } = dataOf(box.dataset.table);
  const body = make("tbody");
  const head = columns.map((name) => { const cell = make("th", { textContent: name }); cell.scope = "col"; return cell; });
  const more = make("button", { type: "button", className: "quiet" });
  const add = () => {
    const from = body.rows.length;
    for (const row of rows.slice(from, from + page))
      body.append(make("tr", {}, ...row.map((value) => make("td", { textContent: value ?? "–", className: typeof value === "number" ? "n" : "" }))));
    more.textContent = "Show more (" + body.rows.length + " of " + rows.length + ")";
    more.hidden = body.rows.length === rows.length;
  };
  more.addEventListener("click", add);
  add();
  box.replaceChildren(make("table", { className: "plain" }, make("thead", {}, make("tr", {}, ...head)), body), more);
};
for (const details of all("details.data")) {
  details.addEventListener("toggle", () => {
    const box = details.querySelector("[data-table]");
    if (details.open && !box.querySelector("table")) fill(box);
  });
}

addEventListener("hashchange", () => {
  const hidden = document.querySelector(location.hash || "main")?.closest(".tab[hidden]");
  if (hidden) document.getElementById(hidden.id + "-tab").click();
});
})();
`;
