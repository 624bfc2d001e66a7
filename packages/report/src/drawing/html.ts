const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML text or attribute value. */
export const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => entities[found] as string);

/** JSON that can stand in a script element: no `</script>` and no comment can be in it. */
export const embed = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/** A name that can stand in an id and a file's name. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "") || "x";
