/** How a numerical feature becomes an input: (value − mean) · scale, of sign(value) · ln(1 + |value|) where `log`. */
export interface Measure {
  /** Of min-max the least value, of none 0. */
  readonly mean: number;
  /** 1 / standard deviation, of min-max 1 / range; 1 for a constant column. */
  readonly scale: number;
  readonly log?: true;
  /** A second input stands beside it, 1 where the value is missing. */
  readonly flag?: true;
}

/** The input of a value that is not missing. */
export const measured = ({ mean, scale, log }: Measure, value: number): number =>
  ((log === true ? Math.sign(value) * Math.log1p(Math.abs(value)) : value) - mean) * scale;

/** The inputs of a feature by name: itself, and whether it is missing. */
export const inputNames = (name: string, { flag }: Measure): readonly string[] =>
  flag === true ? [name, `${name}.missing`] : [name];
