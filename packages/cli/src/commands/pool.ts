import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import { GradpoolError } from "@gradpool/core";
import { type Answer, answerRequest } from "@gradpool/registry";
import { readInput } from "@gradpool/registry";
import { type Command, defineCommand } from "../terminal/command.js";
import { exitFailure, exitSuccess } from "../terminal/errors.js";
import type { Terminal } from "../terminal/terminal.js";

async function read(input: string, terminal: Terminal): Promise<string> {
  if (input === "-") {
    if (terminal.stdin.isTTY === true) terminal.note("reading requests from the terminal; end with Ctrl-D");
    return readAll(terminal.stdin);
  }
  try {
    return await readFile(input, "utf8");
  } catch (cause) {
    throw new GradpoolError({
      code: "not-found",
      what: `${input} cannot be read: ${(cause as Error).message}`,
      where: "--input",
      remedy: "give a file that can be read, or - for standard input",
      cause,
    });
  }
}

/** The answers in the form of the requests; one per line, so that many stay readable. */
function render(form: "single" | "array" | "lines", answers: readonly Answer[]): string {
  const lines = answers.map((answer) => JSON.stringify(answer));
  if (form !== "array") return lines.join("\n");
  return lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n]`;
}

export const poolCommand: Command = defineCommand({
  name: "pool",
  summary: "pool task gradients given as JSON",
  details: `REQUEST
  { "method": "pcgrad(reduction=mean)", "options": { … }, "seed": 1, "target": 0,
    "gradients": [[…], […]] }                        T × P numbers, one gradient per task
  "steps": [{ "gradients": …, "losses": […], "epoch": 1 }, …] instead of "gradients": state goes from step to step
  "shapes": [[4], [2, 3]]    P numbers are these tensors, in order (default: one tensor)
  "rows": true               gradients are T × R × d: R embedding rows
  "order": [[1, 2], …]       per task, the order in which a random-order method visits the others
  "gradients2", "gradients3" independent batches; "validation": the target's gradient on held-out examples
  A gradient that is null, or "present": [true, false]: the task is absent in this step.
  "losses" without "gradients": what is combined shows the weights.

RESPONSE
  { "method", "options", "output": [{ "combined", "weights", "diagnostics"? }] }   or   { "error": { "code", "message" } }
  One per request, in order, in the form of the input: an object, an array, or lines. Exit code 1 if any failed.`,
  examples: [
    `echo '{ "method": "pcgrad", "gradients": [[1, 2], [-2, 0.5]] }' | gradpool pool`,
    "gradpool pool --input requests.jsonl > responses.jsonl",
    `echo '{ "method": "metabalance+pcgrad(against=target)", "gradients": [[1, 0], [-9, 3]] }' | gradpool pool`,
    `echo '{ "method": "./my-pool.js", "gradients": [[1, 2], [-2, 0.5]] }' | gradpool pool --allow ./my-pool.js`,
  ],
  args: {
    input: {
      type: "string",
      default: "-",
      valueHint: "FILE",
      description: "a JSON or JSON Lines file; - is standard input",
    },
    allow: {
      type: "string",
      valueHint: "SPEC",
      description: "a ./file.js or package whose code may run where a request names it; may be repeated",
    },
  },
  repeatable: ["allow"],
  async run({ args, all, terminal }) {
    const { form, requests } = readInput(await read(args.input, terminal));
    const answers: Answer[] = [];
    for (const [k, request] of requests.entries()) {
      const onError = (error: GradpoolError): void => {
        const { code, what, where, remedy, cause } = error;
        const place = requests.length === 1 ? where : `request ${k + 1}, ${where}`;
        terminal.error(new GradpoolError({ code, what, where: place, remedy, cause }));
      };
      answers.push(await answerRequest(request, { allow: all("allow"), onError }));
    }
    // With --json, JSON Lines are answered by one document too.
    terminal.write(render(form === "lines" && terminal.json ? "array" : form, answers));
    return answers.some((answer) => "error" in answer) ? exitFailure : exitSuccess;
  },
});
