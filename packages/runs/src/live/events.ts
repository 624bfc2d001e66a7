/** TensorBoard's events as protocol buffers: event.proto, summary.proto and histogram.proto of TensorFlow, as far as we write them. */

const varint = (value: number): number[] => {
  let rest = BigInt(value);
  const bytes: number[] = [];
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
};

const tagged = (field: number, wire: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.from(varint((field << 3) | wire)), bytes]);

const inside = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes]);

const text = (field: number, value: string): Buffer => inside(field, Buffer.from(value));
const whole = (field: number, value: number): Buffer => tagged(field, 0, Uint8Array.from(varint(value)));

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return tagged(field, 1, bytes);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return tagged(field, 5, bytes);
}

const doubles = (field: number, values: readonly number[]): Buffer => {
  const list = Float64Array.from(values);
  return inside(field, new Uint8Array(list.buffer));
};

/** A moment in a run: seconds since 1970, and the step. */
export interface Moment {
  readonly time: number;
  readonly step: number;
}

const event = ({ time, step }: Moment, what: Uint8Array): Buffer =>
  Buffer.concat([double(1, time), whole(2, step), what]);

/** What a file begins with. */
export const versionEvent = (time: number): Buffer => event({ time, step: 0 }, text(3, "brain.Event:2"));

/** From this step on the run is repeated: TensorBoard forgets what it knew of it, and of later ones. */
export const restartEvent = (moment: Moment): Buffer => event(moment, inside(7, whole(1, 1)));

export const scalar = (tag: string, value: number): Buffer => inside(1, Buffer.concat([text(1, tag), float(2, value)]));

/** Counts of the values in `buckets` equal parts between the least and the greatest. Not to be empty. */
export function histogram(tag: string, values: Float64Array, buckets: number = 30): Buffer {
  let [least, most, sum, squares] = [Infinity, -Infinity, 0, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
    squares += value * value;
  }
  const width = most > least ? (most - least) / buckets : 1;
  const counts = Array.from({ length: most > least ? buckets : 1 }, () => 0);
  for (const value of values) {
    const k = Math.min(counts.length - 1, Math.floor((value - least) / width));
    counts[k] = (counts[k] as number) + 1;
  }
  const limits = counts.map((_, k) => (k === counts.length - 1 && most > least ? most : least + (k + 1) * width));
  const held = Buffer.concat([
    double(1, least),
    double(2, most),
    double(3, values.length),
    double(4, sum),
    double(5, squares),
    doubles(6, limits),
    doubles(7, counts),
  ]);
  return inside(1, Buffer.concat([text(1, tag), inside(5, held)]));
}

/** An event of several values. */
export const summaryEvent = (moment: Moment, values: readonly Uint8Array[]): Buffer =>
  event(moment, inside(5, Buffer.concat(values)));
