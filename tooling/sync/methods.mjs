/** The method packages and what their sources say of themselves. */
import { importSource } from "../typescript.mjs";
import { workspacePackages } from "../workspace.mjs";

export const isMethod = ({ folder }) => folder.startsWith("packages/methods/");

/** Every method package with the methods that it exports, in the order of the folders. */
export async function readMethods() {
  return Promise.all(
    workspacePackages()
      .filter(isMethod)
      .map(async (entry) => {
        const { methods } = await importSource(`${entry.folder}/src/index.ts`);
        if (!Array.isArray(methods) || methods.length === 0) {
          throw new Error(
            `${entry.folder}/src/index.ts exports no methods (sync): export const methods: readonly Method[]`,
          );
        }
        return { ...entry, methods };
      }),
  );
}
