import iconv from "iconv-lite";
import { problem } from "../errors.js";

/** How the bytes of a text file become text. */
export interface Decoding {
  /** As asked for, e.g. `utf-8`. */
  readonly name: string;
  /** Opens a stream: `write` gives raw text, in which line ends and ASCII are themselves. */
  open(): { write(bytes: Buffer): string; end(): string };
  /** Raw text → text, or undefined if it is not of this encoding: bytes are never replaced. */
  text(raw: string): string | undefined;
}

// eslint-disable-next-line no-control-regex -- the test is for ASCII
const ascii = /^[\x00-\x7f]*$/;

const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 travels byte by byte (as Latin-1), so that what nobody asks for is never decoded; its separators are ASCII anyway. */
const utf8: Decoding = {
  name: "utf-8",
  open() {
    let start = true;
    return {
      write(bytes) {
        const text = bytes.toString("latin1");
        const marked = start && text.startsWith("\u00ef\u00bb\u00bf");
        start = false;
        return marked ? text.slice(3) : text;
      },
      end: () => "",
    };
  },
  text(raw) {
    if (ascii.test(raw)) return raw;
    try {
      return utf8Decoder.decode(Buffer.from(raw, "latin1"));
    } catch {
      return undefined;
    }
  },
};

function other(name: string): Decoding {
  return {
    name,
    open() {
      const decoder = iconv.getDecoder(name);
      return { write: (bytes) => decoder.write(bytes), end: () => decoder.end() ?? "" };
    },
    // What cannot be decoded comes as U+FFFD or as half a surrogate pair.
    text: (raw) => (raw.includes("\ufffd") || /\p{Surrogate}/u.test(raw) ? undefined : raw),
  };
}

/** The encoding called `name` (default UTF-8); an unknown one is wrong usage. */
export function decodingOf(name = "utf-8"): Decoding {
  if (/^utf-?8$/i.test(name)) return utf8;
  if (iconv.encodingExists(name)) return other(name);
  const remedy = "give utf-8, latin1, windows-1252, utf-16, shift_jis, gb18030 or another that iconv-lite knows";
  throw problem("usage", `there is no encoding "${name}"`, "encoding", remedy);
}

/** Text of line `number` of `path`; bytes of another encoding stop everything, before a name is taken for another. */
export function textOf(decoding: Decoding, raw: string, path: string, number: number): string {
  const text = decoding.text(raw);
  if (text !== undefined) return text;
  const what = `bytes that are not ${decoding.name === "utf-8" ? "UTF-8" : decoding.name}`;
  throw problem("invalid-input", what, `${path}:${number}`, "name the file's `encoding`, e.g. latin1 or windows-1252");
}
