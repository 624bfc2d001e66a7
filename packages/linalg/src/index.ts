export { type Cholesky, choleskyPivoted, choleskySolve, rankTolerance } from "./cholesky.js";
export { type Eigen, scaledEigen, symmetricEigen } from "./eigen.js";
export { leastNormSolve } from "./least-norm.js";
export { projectSimplex } from "./simplex.js";
