/** A number that a reader may move. */
export interface Slider {
  readonly name: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
}

/** Two coordinates of the point, drawn as a plane. */
export interface Panel {
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly range: readonly [left: number, right: number, bottom: number, top: number];
}

/** The T losses at a point and their gradients. */
export interface Evaluation {
  readonly losses: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}

export type Objective = (point: readonly number[]) => Evaluation;

/** Tasks over a few parameters, small enough to be drawn whole. */
export interface Landscape {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly tasks: readonly string[];
  readonly panels: readonly Panel[];
  /** Present: the parameters are a table of embedding rows of this width; pools may weigh each row by itself. */
  readonly width?: number;
  readonly starts: readonly (readonly number[])[];
  readonly learningRate: number;
  readonly sliders: readonly Slider[];
  create(values: Readonly<Record<string, number>>): Objective;
}

export const defaultsOf = ({ sliders }: Landscape): Record<string, number> =>
  Object.fromEntries(sliders.map(({ name, default: value }) => [name, value]));
