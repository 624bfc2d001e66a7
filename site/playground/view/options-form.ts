import { describeRange, type Method, type OptionSpec } from "@gradpool/core";
import { element } from "./dom.js";

type Options = Readonly<Record<string, unknown>>;

/** Fields for a method's options, made from its own schema. `changed` hears of the options that differ from their defaults. */
export function optionsForm(
  method: Method,
  options: Options,
  id: string,
  changed: (options: Options) => void,
): HTMLElement {
  const names = Object.keys(method.options);
  if (names.length === 0) return element("p", { className: "faint" }, "No options.");
  const current: Record<string, unknown> = { ...options };
  const set = (name: string, value: unknown): void => {
    if (value === undefined || value === method.options[name]?.default) delete current[name];
    else current[name] = value;
    changed({ ...current });
  };
  return element(
    "div",
    { className: "options" },
    ...names.map((name) => {
      const spec = method.options[name] as OptionSpec;
      const field = fieldOf(spec, current[name] ?? spec.default, (value) => set(name, value));
      field.id = `${id}-${name}`;
      const about = element("small", { id: `${field.id}-about` }, `${spec.description} (${describeRange(spec)})`);
      field.setAttribute("aria-describedby", about.id);
      return element("div", {}, element("label", { htmlFor: field.id }, name), field, about);
    }),
  );
}

function fieldOf(spec: OptionSpec, value: unknown, set: (value: unknown) => void): HTMLElement {
  switch (spec.type) {
    case "boolean":
      return element("input", {
        type: "checkbox",
        checked: value === true,
        on: { change: (event) => set((event.target as HTMLInputElement).checked) },
      });
    case "enum": {
      const select = element(
        "select",
        { on: { change: () => set(spec.values[select.selectedIndex]) } },
        ...spec.values.map((one) => element("option", { selected: one === value }, String(one))),
      );
      return select;
    }
    case "number":
      return textField(String(value), "decimal", (text) => set(text === "" ? undefined : Number(text)));
    case "vector":
      return textField(Array.isArray(value) ? value.join(" ") : "", "text", (text) =>
        set(text === "" ? undefined : text.split(/[\s,|]+/).map(Number)),
      );
  }
}

function textField(value: string, inputMode: string, set: (text: string) => void): HTMLInputElement {
  const field = element("input", {
    type: "text",
    value,
    inputMode,
    autocomplete: "off",
    on: { change: () => set(field.value.trim()) },
  });
  return field;
}
