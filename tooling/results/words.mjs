/** Numbers and names as the pages of results write them. */

export const mean = (values) => values.reduce((total, value) => total + value, 0) / values.length;

/** Sample deviation; null of one value. */
export const deviation = (values) =>
  values.length < 2
    ? null
    : Math.sqrt(values.reduce((total, value) => total + (value - mean(values)) ** 2, 0) / (values.length - 1));

export const number = (value, digits = 4) => (value === null || value === undefined ? "–" : value.toFixed(digits));

export const spread = (average, sd) =>
  sd === null || sd === undefined ? number(average) : `${number(average)} ± ${number(sd)}`;

export const signed = (value, digits = 4) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;

export const pValue = (p) => (p === null || p === undefined ? "–" : p < 0.001 ? "< .001" : p.toFixed(3));

export const hours = (seconds) =>
  seconds >= 5400 ? `${(seconds / 3600).toFixed(1)} h` : `${Math.round(seconds / 60)} min`;

export const grouped = (value) => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

export const counted = (count, noun) => `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

/** The anchor that a heading has. */
export const slug = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, "")
    .replaceAll(" ", "-");
