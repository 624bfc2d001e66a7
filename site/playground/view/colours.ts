/** A colour of the page's theme. */
export const themeColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const isDark = (): boolean => getComputedStyle(document.documentElement).colorScheme === "dark";

/** Lines of many pools: eight hues of the theme, then the same with dashes, so that no two of the first 32 are alike. */
export function strokeOf(k: number): { readonly colour: string; readonly dash: readonly number[] } {
  const dashes = [[], [7, 3], [2, 3], [10, 3, 2, 3]] as const;
  return { colour: themeColour(`t${k % 8}`), dash: dashes[Math.floor(k / 8) % dashes.length] as readonly number[] };
}

/** Heights, from low to high, between the page's surface and a grey of the theme. */
export function heightColour(share: number): readonly [number, number, number] {
  const [low, high] = isDark()
    ? [
        [38, 50, 70],
        [22, 25, 30],
      ]
    : [
        [196, 214, 236],
        [255, 255, 255],
      ];
  return [0, 1, 2].map((c) =>
    Math.round((low?.[c] as number) * (1 - share) + (high?.[c] as number) * share),
  ) as unknown as [number, number, number];
}
