/** A line of text as a terminal may show it, whoever wrote it: no control characters, no line breaks, not endless. */
export const plain = (text: string): string =>
  text
    // oxlint-disable-next-line no-control-regex -- they are what is taken away
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, " ")
    .trim()
    .slice(0, 1000);
