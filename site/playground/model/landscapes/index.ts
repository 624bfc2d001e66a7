import type { Landscape } from "../landscape.js";
import { quadratics, threeTasks } from "./quadratics.js";
import { embeddingRows } from "./rows.js";
import { valley } from "./valley.js";

export const landscapes: readonly Landscape[] = [valley, quadratics, threeTasks, embeddingRows];
