import type { Method } from "@gradpool/core";
import { type Choice, createPool, labelOf } from "../model/pools.js";
import { messageOf } from "../model/trajectory.js";
import { strokeOf } from "./colours.js";
import { element } from "./dom.js";
import { optionsForm } from "./options-form.js";

/** The list of chosen pools: add, set options, take away, all at once. */
export function choiceList(
  methods: readonly Method[],
  given: readonly Choice[],
  changed: (choices: readonly Choice[]) => void,
): HTMLElement {
  let choices = [...given];
  const list = element("ul", { className: "choices" });
  const select = element(
    "select",
    { id: "add-method" },
    ...methods.map(({ name }) => element("option", { value: name }, name)),
  );
  const update = (next: Choice[]): void => {
    choices = next;
    draw();
    changed(choices);
  };
  const add = (): void => update([...choices, { method: select.value, options: {} }]);
  const everything = (): void => update(methods.map(({ name }) => ({ method: name, options: {} })));
  const button = (text: string, on: () => void): HTMLElement =>
    element("button", { type: "button", className: "quiet", on: { click: on } }, text);
  draw();
  return element(
    "div",
    {},
    element(
      "div",
      { className: "row" },
      element("label", { htmlFor: "add-method" }, "Pool"),
      select,
      button("Add", add),
      button(`All ${methods.length}`, everything),
      button("None", () => update([])),
    ),
    list,
  );

  function draw(): void {
    list.replaceChildren(...choices.map(item));
  }

  function item(choice: Choice, k: number): HTMLElement {
    const method = methods.find(({ name }) => name === choice.method) as Method;
    const problem = element("p", { className: "warn", attributes: { role: "status" } }, problemOf(choice));
    const summary = element("summary", {}, strokeSample(k), labelOf(choice));
    const form = optionsForm(method, choice.options, `choice-${k}`, (options) => {
      const next = { ...choice, options };
      choices = choices.map((one, j) => (j === k ? next : one));
      summary.replaceChildren(strokeSample(k), labelOf(next));
      problem.textContent = problemOf(next);
      choice = next;
      changed(choices);
    });
    const remove = element(
      "button",
      {
        type: "button",
        className: "quiet",
        attributes: { "aria-label": `Remove ${labelOf(choice)}` },
        on: { click: () => update(choices.filter((_, j) => j !== k)) },
      },
      "Remove",
    );
    const details = element(
      "details",
      {},
      summary,
      element("p", { className: "faint" }, method.summary),
      form,
      problem,
    );
    return element("li", {}, details, remove);
  }

  function problemOf(choice: Choice): string {
    try {
      createPool(methods, choice);
      return "";
    } catch (error) {
      return messageOf(error);
    }
  }
}

/** A pool's line, as it is drawn. */
export function strokeSample(k: number): SVGElement {
  const { colour, dash } = strokeOf(k);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "sample");
  svg.setAttribute("viewBox", "0 0 28 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", "M1 4H27");
  line.setAttribute("stroke", colour);
  line.setAttribute("stroke-width", "3");
  line.setAttribute("stroke-dasharray", dash.join(" "));
  svg.append(line);
  return svg;
}
