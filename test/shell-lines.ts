/** The arguments of every `gradpool …` (or `npx gradpool …`) in the shell blocks of a document. Pipes and redirections end a command. */
export function commandLines(text: string): readonly (readonly string[])[] {
  const blocks = [...text.matchAll(/^```(?:sh|bash|shell)\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  return blocks
    .flatMap((code) => code.replace(/\\\n\s*/g, "").split("\n"))
    .flatMap((line) => commandsOf(line))
    .flatMap((words) => {
      const rest = words[0] === "npx" ? words.slice(1) : words;
      return rest[0] === "gradpool" && rest[1] !== undefined && !rest[1].startsWith("-") ? [rest.slice(1)] : [];
    });
}

/** The commands of one line, each in words: quotes joined and taken off, comments left out. */
function commandsOf(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let word: string | null = null;
  const end = (): void => {
    if (word !== null) commands.at(-1)?.push(word);
    word = null;
  };
  for (const [piece] of line.matchAll(/'[^']*'|"[^"]*"|\s+|[|;&><]+|#.*$|[^\s'"|;&><#]+|#/g)) {
    if (/^\s/.test(piece)) end();
    else if (/^[|;&><]/.test(piece)) {
      end();
      commands.push([]);
    } else if (piece.startsWith("#") && word === null) break;
    else word = (word ?? "") + (/^['"]/.test(piece) ? piece.slice(1, -1) : piece);
  }
  end();
  return commands;
}
