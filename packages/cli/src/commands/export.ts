import { readdirSync } from "node:fs";
import { exportFormats, exportRun } from "@gradpool/runs";
import { openedArgs, withRun } from "../flags/opened.js";
import { type Command, defineCommand } from "../terminal/command.js";

export const exportCommand: Command = defineCommand({
  name: "export",
  summary: "write a trained model for other programs, with its ids and its card",
  details:
    "FORMATS\n" +
    "  safetensors  model.safetensors: all weights as PyTorch calls and lays them out\n" +
    "  npy          the same a file each in weights/; users.npy, items.npy: the embeddings; ids.*.npy: their ids\n" +
    "  parquet      users.parquet, items.parquet: id and embedding, for vector stores\n" +
    "  onnx         model.onnx: from the features of rows to each task's probability, of models with dense layers\n" +
    "  tfjs         model.json and its weights: any model in a browser; of models that rank also ranking.json, what a page needs\n" +
    "Beside them ids.users.parquet, ids.items.parquet (row, id), card.json and card.md.",
  examples: [
    "gradpool export runs/shop --format safetensors --out exported/shop",
    "gradpool export runs/shop --format parquet --out exported/vectors",
    "gradpool export runs/shop --format tfjs --out exported/page",
  ],
  args: {
    ...openedArgs,
    format: { type: "enum", options: [...exportFormats], required: true, description: "what the other program reads" },
    out: { type: "string", required: true, valueHint: "DIR", description: "a folder that is not there yet" },
  },
  async run({ args, terminal }) {
    await withRun(args, terminal, async (run) => {
      await exportRun(run, { format: args.format, out: args.out });
      const files = readdirSync(args.out, { recursive: true, encoding: "utf8" }).sort();
      terminal.result({ out: args.out, format: args.format, files }, () => `${args.out}: ${files.join(", ")}`);
    });
  },
});
