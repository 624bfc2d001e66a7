/** `1 row`, `1,204 rows`. */
export const amount = (count: number, thing: string): string =>
  `${count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;
