export { shimNode } from "./shim.js";
export { defaultTensorflow, install } from "./install.js";
export type { InstallOptions, InstallResult } from "./install.js";
export { uninstall } from "./uninstall.js";
export type { UninstallOptions, UninstallResult } from "./uninstall.js";
export { status } from "./status.js";
export type { PackageStatus, StatusOptions } from "./status.js";
export type { Check } from "./check.js";
export type { Manifest } from "./target.js";
