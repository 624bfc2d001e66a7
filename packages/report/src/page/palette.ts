/** Colours by name for both themes: text at 4.5 : 1 and lines at 3 : 1 or better on their background. */
const light: Readonly<Record<string, string>> = {
  bg: "#fbfbf9",
  surface: "#ffffff",
  sunk: "#f2f2ee",
  ink: "#1b1d21",
  muted: "#5a606b",
  line: "#e1e1db",
  strong: "#8b9099",
  accent: "#1d5fb8",
  better: "#14713f",
  worse: "#b0301c",
  warn: "#8a5a00",
  pos: "#1d5fb8",
  neg: "#c2410c",
  t0: "#1f66b5",
  t1: "#b84a12",
  t2: "#14784c",
  t3: "#8f429c",
  t4: "#806000",
  t5: "#b83160",
  t6: "#216d79",
  t7: "#5f5f5f",
};

const dark: Readonly<Record<string, string>> = {
  bg: "#131519",
  surface: "#1a1d22",
  sunk: "#22262d",
  ink: "#e9ebee",
  muted: "#a6adb9",
  line: "#30353e",
  strong: "#7b8390",
  accent: "#82b4ff",
  better: "#66d196",
  worse: "#ff9c87",
  warn: "#e8b75a",
  pos: "#6aa5ff",
  neg: "#ff8a4c",
  t0: "#7cb4ff",
  t1: "#ffa26a",
  t2: "#63cf9a",
  t3: "#d8a0e3",
  t4: "#dfc055",
  t5: "#ff92b5",
  t6: "#70cad7",
  t7: "#bdbdbd",
};

const declare = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");

/** The system's theme, unless the reader chose one; paper is white. */
export const palette: string = `:root{color-scheme:light;${declare(light)}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${declare(dark)}}}
@media screen{:root[data-theme=dark]{color-scheme:dark;${declare(dark)}}}`;
