export { loadPool, type LoadedPool, type LoadOptions } from "./specifier/load.js";
export { type Link, parseSpecifier, type Specifier } from "./specifier/parse.js";
export { findMethod, type FoundMethod, listMethods } from "./specifier/registry.js";
export { type Answer, answerRequest, type StepOutput } from "./pool/answer.js";
export { type ReadInput, readInput, type ReadRequest } from "./pool/input.js";
