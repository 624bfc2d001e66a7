/**
 * Reads a Python literal made of dicts, lists, tuples, strings, numbers, True, False and None: the layout of the older
 * Amazon metadata, which is not JSON. Returns undefined if the text is anything else.
 */
export function parsePythonLiteral(text: string): unknown {
  let at = 0;
  const space = (): void => {
    while (/\s/.test(text[at] ?? "")) at++;
  };
  const fail = (): never => {
    throw new SyntaxError(`unexpected character at ${at}`);
  };
  const string = (): string => {
    const quote = text[at++];
    let value = "";
    for (; at < text.length; at++) {
      const letter = text[at] as string;
      if (letter === quote) {
        at++;
        return value;
      }
      value += letter === "\\" ? escape() : letter;
    }
    return fail();
  };
  const escape = (): string => {
    const letter = text[++at] ?? fail();
    const length = { x: 2, u: 4, U: 8 }[letter];
    if (length === undefined) return { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "0": "\0" }[letter] ?? letter;
    const code = Number.parseInt(text.slice(at + 1, at + 1 + length), 16);
    at += length;
    return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : fail();
  };
  const sequence = (close: string, item: () => void): void => {
    at++;
    for (space(); text[at] !== close; space()) {
      item();
      space();
      if (text[at] === ",") at++;
      else if (text[at] !== close) fail();
    }
    at++;
  };
  const value = (): unknown => {
    space();
    const letter = text[at] ?? fail();
    if (letter === "'" || letter === '"') return string();
    if ((letter === "u" || letter === "b") && /['"]/.test(text[at + 1] ?? "")) {
      at++;
      return string();
    }
    if (letter === "[" || letter === "(") {
      const items: unknown[] = [];
      sequence(letter === "[" ? "]" : ")", () => items.push(value()));
      return items;
    }
    if (letter === "{") {
      const entries: [string, unknown][] = [];
      sequence("}", () => {
        const key = value();
        space();
        if (text[at++] !== ":") fail();
        entries.push([String(key), value()]);
      });
      return Object.fromEntries(entries);
    }
    const token = /^[-+\w.]+/.exec(text.slice(at, at + 64))?.[0] ?? fail();
    at += token.length;
    if (token === "True") return true;
    if (token === "False") return false;
    if (token === "None") return null;
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(token) ? Number(token) : fail();
  };
  try {
    const result = value();
    space();
    return at === text.length ? result : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
