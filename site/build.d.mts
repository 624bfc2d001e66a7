/** Builds the site into the folder `out`, which is replaced whole when all of it is made. */
export function buildSite(options: {
  readonly out: string;
  readonly api?: boolean;
}): Promise<{ readonly pages: number; readonly sizes: readonly { name: string; kilobytes: number; limit: number }[] }>;
