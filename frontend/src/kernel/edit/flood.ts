/** Flood fill by intensity, and region growing by confidence. */
import { KernelError } from '../errors';
import type { Plane, Vec3, VoxelArray } from '../types';
import { components, componentAt, select } from './components';
import type { Connectivity } from './components';
import { PLANE_AXES } from '../planes';
import { boxSize, boxVoxels, clipBox, forRows, inBox, indexOf, reach, sliceBox, wholeBox } from './volume';
import type { Box, LabelVolume, Region } from './volume';

export interface FloodOptions {
  /** One slice of this plane, or all of the volume. */
  readonly plane?: Plane;
  readonly connectivity: Connectivity;
  /** Furthest distance from the seed in mm; none when absent. */
  readonly capMm?: number;
}

/** Voxels joined to the seed whose value differs from the seed's by at most `tolerance`. */
export function flood(volume: LabelVolume, image: VoxelArray, seed: Vec3, tolerance: number, options: FloodOptions): Region {
  const value = image[indexOf(volume.dims, checkSeed(volume, seed))] as number;
  return floodRange(volume, image, seed, [value - tolerance, value + tolerance], options);
}

/** Voxels joined to the seed with values from `low` to `high`, both included. The seed's own value must be in range. */
export function floodRange(
  volume: LabelVolume,
  image: VoxelArray,
  seed: Vec3,
  [low, high]: readonly [number, number],
  options: FloodOptions,
): Region {
  checkSeed(volume, seed);
  const box = floodBox(volume, seed, options);
  const bits = new Uint8Array(boxVoxels(box));
  forRows(volume.dims, box, (at, row, length) => {
    for (let i = 0; i < length; i += 1) {
      const value = image[at + i] as number;
      if (value >= low && value <= high) bits[row + i] = 1;
    }
  });
  if (options.capMm !== undefined) cap(bits, box, volume.spacing, seed, options.capMm);
  return joined(bits, box, seed, options.connectivity);
}

/** Relabel by click: voxels of the seed's own label that hang together with it. */
export function floodLabel(volume: LabelVolume, seed: Vec3, options: FloodOptions): Region {
  const label = volume.labels[indexOf(volume.dims, checkSeed(volume, seed))] as number;
  return floodRange(volume, volume.labels, seed, [label, label], options);
}

function checkSeed({ dims }: LabelVolume, seed: Vec3): Vec3 {
  if (!seed.every(Number.isInteger) || !inBox(wholeBox(dims), seed)) {
    throw new KernelError('flood.seed', `Voxel ${seed.join(', ')} is not in the image of ${dims.join(' × ')}; click inside.`);
  }
  return seed;
}

function floodBox({ dims, spacing }: LabelVolume, seed: Vec3, { plane, capMm }: FloodOptions): Box {
  const flat = plane === undefined ? wholeBox(dims) : sliceBox(dims, plane, seed[PLANE_AXES[plane].n]);
  if (capMm === undefined) return flat;
  const [x, y, z] = reach(spacing, capMm);
  const near = clipBox(
    { low: [seed[0] - x, seed[1] - y, seed[2] - z], high: [seed[0] + x + 1, seed[1] + y + 1, seed[2] + z + 1] },
    dims,
  );
  if (near === null || plane === undefined) return near ?? flat;
  const { n } = PLANE_AXES[plane];
  const keep = (from: Vec3, by: Vec3): Vec3 => from.map((v, axis) => (axis === n ? by[axis] : v)) as unknown as Vec3;
  return { low: keep(near.low, flat.low), high: keep(near.high, flat.high) };
}

function cap(bits: Uint8Array, box: Box, spacing: Vec3, seed: Vec3, mm: number): void {
  const [nx, ny] = boxSize(box);
  for (let at = 0; at < bits.length; at += 1) {
    if (bits[at] === 0) continue;
    const x = ((at % nx) + box.low[0] - seed[0]) * spacing[0];
    const y = ((Math.floor(at / nx) % ny) + box.low[1] - seed[1]) * spacing[1];
    const z = (Math.floor(at / nx / ny) + box.low[2] - seed[2]) * spacing[2];
    if (x * x + y * y + z * z > mm * mm + 1e-9) bits[at] = 0;
  }
}

function joined(bits: Uint8Array, box: Box, seed: Vec3, connectivity: Connectivity): Region {
  const size = boxSize(box);
  const found = components(bits, size, connectivity);
  const id = componentAt(found, indexOf(size, [seed[0] - box.low[0], seed[1] - box.low[1], seed[2] - box.low[2]]));
  return { box, bits: select(found, bits.length, (component) => component === id) };
}

export interface GrowOptions {
  /** How many standard deviations around the mean are accepted. */
  readonly multiplier: number;
  readonly iterations: number;
  /** Half width, in voxels, of the cube around the seed that gives the first mean. */
  readonly radius: number;
  readonly capMm?: number;
}

/**
 * Region growing by confidence: flood within mean ± multiplier · SD, then again with the region's own mean and SD.
 *
 * The seed's value is always accepted. Faces connect. The rule of ITK's ConfidenceConnectedImageFilter (sample variance).
 */
export function grow(volume: LabelVolume, image: VoxelArray, seed: Vec3, options: GrowOptions): Region {
  const at = indexOf(volume.dims, checkSeed(volume, seed));
  const flat = { connectivity: 6, capMm: options.capMm } as FloodOptions;
  const range = (values: Moments): readonly [number, number] => {
    const wide = options.multiplier * Math.sqrt(values.variance);
    return [Math.min(values.mean - wide, image[at] as number), Math.max(values.mean + wide, image[at] as number)];
  };
  let region = floodRange(volume, image, seed, range(moments(image, volume.dims, cube(volume, seed, options.radius))), flat);
  for (let step = 0; step < options.iterations; step += 1) {
    region = floodRange(volume, image, seed, range(moments(image, volume.dims, region)), flat);
  }
  return region;
}

function cube({ dims }: LabelVolume, [x, y, z]: Vec3, radius: number): Region {
  const whole: Box = { low: [x - radius, y - radius, z - radius], high: [x + radius + 1, y + radius + 1, z + radius + 1] };
  const box = clipBox(whole, dims) ?? whole;
  return { box, bits: new Uint8Array(boxVoxels(box)).fill(1) };
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

function moments(image: VoxelArray, dims: Vec3, { box, bits }: Region): Moments {
  let [count, sum, squares] = [0, 0, 0];
  forRows(dims, box, (at, row, length) => {
    for (let i = 0; i < length; i += 1) {
      if (bits[row + i] === 0) continue;
      const value = image[at + i] as number;
      count += 1;
      sum += value;
      squares += value * value;
    }
  });
  const mean = sum / Math.max(1, count);
  return { mean, variance: count > 1 ? Math.max(0, (squares - sum * mean) / (count - 1)) : 0 };
}
