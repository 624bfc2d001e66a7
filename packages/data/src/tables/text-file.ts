import { openOut } from "./out-file.js";

/** A growing text file, written in pieces of about a megabyte. */
export function openText(path: string): { write(text: string): void; close(): void } {
  const file = openOut(path);
  let held: string[] = [];
  let length = 0;
  const flush = (): void => {
    file.write(Buffer.from(held.join("")));
    held = [];
    length = 0;
  };
  return {
    write(text) {
      held.push(text);
      length += text.length;
      if (length > 1 << 20) flush();
    },
    close() {
      try {
        flush();
      } finally {
        file.close();
      }
    },
  };
}
