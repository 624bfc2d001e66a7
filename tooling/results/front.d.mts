type Point = readonly number[];
export function frontOf(points: readonly Point[], sign: 1 | -1): readonly Point[];
export function standing(point: Point, front: readonly Point[], sign: 1 | -1): "ahead" | "beside" | "behind";
