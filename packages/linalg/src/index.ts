export { bargain, type Bargain } from "./bargain.js";
export { type Cholesky, choleskyPivoted, choleskySolve, rankTolerance } from "./cholesky.js";
export { type DualCone, projectDualCone } from "./dual-cone.js";
export { type Eigen, scaledEigen, symmetricEigen } from "./eigen.js";
export { leastNormSolve } from "./least-norm.js";
export { minNormPoint, type MinNormPoint } from "./min-norm.js";
export { nonNegativeQuadratic, type NonNegative } from "./nonnegative.js";
export { projectSimplex } from "./simplex.js";
export { type Face, stationaryFace } from "./stationary.js";
