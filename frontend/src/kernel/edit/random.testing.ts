/** What the tests of the drawing kernel share: repeatable random numbers and small volumes. */
import type { Affine, Vec3 } from '../types';
import { emptyVolume } from './volume';
import type { LabelVolume } from './volume';

/** Small repeatable random numbers from 0 to 1 (mulberry32, T. Ettinger, public domain). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An affine without rotation; spacing in mm. */
export const straight = ([a, b, c]: Vec3): Affine => [
  [a, 0, 0, 0],
  [0, b, 0, 0],
  [0, 0, c, 0],
  [0, 0, 0, 1],
];

/** An empty volume. */
export const blank = (dims: Vec3, spacing: Vec3 = [1, 1, 1]): LabelVolume => emptyVolume(dims, spacing, straight(spacing));

/** Draw a box of one label into a volume. */
export function fillBox(volume: LabelVolume, low: Vec3, high: Vec3, label: number): void {
  for (let z = low[2]; z < high[2]; z += 1) {
    for (let y = low[1]; y < high[1]; y += 1) {
      const row = volume.dims[0] * (y + volume.dims[1] * z);
      volume.labels.fill(label, row + low[0], row + high[0]);
    }
  }
}
