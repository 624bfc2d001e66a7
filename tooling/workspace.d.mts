export interface WorkspacePackage {
  readonly name: string;
  readonly version: string;
  /** Its folder, from the root: `packages/core`, `packages/methods/ew`. */
  readonly folder: string;
  readonly manifest: {
    readonly private?: boolean;
    readonly description?: string;
    readonly bin?: Readonly<Record<string, string>>;
    readonly exports: Readonly<Record<string, unknown>>;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
  };
}

/** The folder of the workspace. */
export const root: string;
export function workspacePackages(): readonly WorkspacePackage[];
export function methodPackages(): readonly string[];
