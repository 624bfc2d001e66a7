export { makeFolders, removeEmpty } from "./folders.js";
export { type FolderLock, type LockOptions, lockFolder, refuseLocked } from "./lock.js";
export { refuseInfinite } from "./numbers.js";
export { isRunning, type Owner, thisProcess } from "./owner.js";
export { sealed, unsealed } from "./seal.js";
export { syncFolder, syncTree } from "./sync.js";
export { removeLeftovers } from "./temporary.js";
export { fillFile, fillFolder, linkFile, replaceFile, writeWhole } from "./write.js";
