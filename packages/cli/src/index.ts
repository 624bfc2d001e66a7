export { gradpool } from "./gradpool.js";
export type { Streams } from "./terminal/terminal.js";
