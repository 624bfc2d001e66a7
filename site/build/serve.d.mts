export interface Served {
  readonly url: string;
  close(): Promise<void>;
}
/** Serves a folder under a base path until `close`; resolves with the address once it listens. Port 0: any that is free. */
export function serve(folder: string, base?: string, port?: number): Promise<Served>;
