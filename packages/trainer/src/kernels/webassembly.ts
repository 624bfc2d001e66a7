/** As much of the WebAssembly API as is used here: neither the ES library nor Node's types declare it. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface Api {
  Memory: new (descriptor: { initial: number; maximum: number; shared?: boolean }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

export const webAssembly: Api = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;
