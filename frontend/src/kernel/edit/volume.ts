/**
 * The label volume that is being drawn, and boxes of it.
 *
 * One byte per voxel in RAS order (x to the Right fastest), 0 is background. Nothing here knows of a screen: rendering,
 * input and saving read these bytes and never own them.
 */
import { linearPart, invert3, cross, dot, transpose3 } from '../affine';
import { KernelError } from '../errors';
import type { Axis } from '../orientation';
import { PLANE_AXES } from '../planes';
import type { Affine, Plane, Vec3 } from '../types';

/** Labels of one mask layer. `spacing` in mm; `affine` maps RAS voxel indices to millimetres. */
export interface LabelVolume {
  readonly labels: Uint8Array;
  readonly dims: Vec3;
  readonly spacing: Vec3;
  readonly affine: Affine;
}

/** Part of a grid: `low` belongs to it, `high` is one past its last voxel. */
export interface Box {
  readonly low: Vec3;
  readonly high: Vec3;
}

/** A set of voxels: one byte per voxel of the box (x fastest), 1 inside and 0 outside. */
export interface Region {
  readonly box: Box;
  readonly bits: Uint8Array;
}

/** Labels proposed for every voxel of a box (x fastest); nothing is drawn until it is committed. */
export interface Proposal {
  readonly box: Box;
  readonly values: Uint8Array;
}

/** An empty label volume. Throws `volume.dims` for dimensions that are not positive whole numbers. */
export function emptyVolume(dims: Vec3, spacing: Vec3, affine: Affine): LabelVolume {
  return labelVolume(new Uint8Array(Math.max(0, voxelCount(dims)) || 0), dims, spacing, affine);
}

/** Labels on a grid. Throws `volume.dims`, `volume.length` or `affine.singular` when the parts do not fit together. */
export function labelVolume(labels: Uint8Array, dims: Vec3, spacing: Vec3, affine: Affine): LabelVolume {
  if (!dims.every((n) => Number.isInteger(n) && n > 0) || !spacing.every((mm) => mm > 0)) {
    const grid = `${dims.join(' × ')} voxels of ${spacing.join(' × ')} mm`;
    throw new KernelError('volume.dims', `A grid of ${grid} cannot be drawn on; import the image again.`);
  }
  if (labels.length !== voxelCount(dims)) {
    const sizes = `${labels.length} labels, its image ${voxelCount(dims)} voxels`;
    throw new KernelError('volume.length', `The segmentation has ${sizes}; load it again.`);
  }
  invert3(linearPart(affine));
  return { labels, dims, spacing, affine };
}

export const voxelCount = (dims: Vec3): number => dims[0] * dims[1] * dims[2];

/** Volume of one voxel in mm³ (the determinant of the affine, so right for sheared grids too). */
export function voxelMm3(volume: LabelVolume): number {
  const [a, b, c] = transpose3(linearPart(volume.affine));
  return Math.abs(dot(a, cross(b, c)));
}

export const wholeBox = (dims: Vec3): Box => ({ low: [0, 0, 0], high: dims });

export const boxSize = (box: Box): Vec3 => [
  box.high[0] - box.low[0],
  box.high[1] - box.low[1],
  box.high[2] - box.low[2],
];

export const boxVoxels = (box: Box): number => voxelCount(boxSize(box));

export const inBox = (box: Box, voxel: Vec3): boolean =>
  voxel.every((at, axis) => at >= (box.low[axis] as number) && at < (box.high[axis] as number));

/** The part of a box that lies on the grid; null when none of it does. */
export function clipBox(box: Box, dims: Vec3): Box | null {
  const low = box.low.map((at) => Math.max(0, at)) as unknown as Vec3;
  const high = box.high.map((at, axis) => Math.min(dims[axis] as number, at)) as unknown as Vec3;
  return low.every((at, axis) => at < (high[axis] as number)) ? { low, high } : null;
}

/** A box widened by `by` voxels along each axis, cut at the edges of the grid. */
export function growBox(box: Box, by: Vec3, dims: Vec3): Box {
  const low: Vec3 = [box.low[0] - by[0], box.low[1] - by[1], box.low[2] - by[2]];
  const high: Vec3 = [box.high[0] + by[0], box.high[1] + by[1], box.high[2] + by[2]];
  return clipBox({ low, high }, dims) ?? box;
}

/** Smallest box around both. */
export function joinBoxes(a: Box, b: Box): Box {
  const pick = (of: (...n: number[]) => number, p: Vec3, q: Vec3): Vec3 => [of(p[0], q[0]), of(p[1], q[1]), of(p[2], q[2])];
  return { low: pick(Math.min, a.low, b.low), high: pick(Math.max, a.high, b.high) };
}

/** One slice of a plane as a box of thickness one. */
export function sliceBox(dims: Vec3, plane: Plane, slice: number): Box {
  const { n } = PLANE_AXES[plane];
  const replace = (from: Vec3, by: number): Vec3 => from.map((at, axis) => (axis === n ? by : at)) as unknown as Vec3;
  return { low: replace([0, 0, 0], slice), high: replace(dims, slice + 1) };
}

/** Voxels that `mm` millimetres reach along each axis, rounded up. */
export const reach = (spacing: Vec3, mm: number): Vec3 => [
  Math.ceil(mm / spacing[0]),
  Math.ceil(mm / spacing[1]),
  Math.ceil(mm / spacing[2]),
];

export const indexOf = (dims: Vec3, [x, y, z]: Vec3): number => x + dims[0] * (y + dims[1] * z);

/** Voxel of an index counted in a grid or box of this size. */
export function voxelAt(size: Vec3, index: number): Vec3 {
  const row = Math.floor(index / size[0]);
  return [index % size[0], row % size[1], Math.floor(row / size[1])];
}

/** Visit each row of a box: index of its first voxel in the grid, index in the box, length. */
export function forRows(dims: Vec3, box: Box, visit: (at: number, inBox: number, length: number) => void): void {
  const [nx, ny] = dims;
  const length = box.high[0] - box.low[0];
  let into = 0;
  for (let z = box.low[2]; z < box.high[2]; z += 1) {
    for (let y = box.low[1]; y < box.high[1]; y += 1, into += length) visit(box.low[0] + nx * (y + ny * z), into, length);
  }
}

/** Copy of the labels in a box. */
export function cut(volume: LabelVolume, box: Box): Uint8Array {
  const out = new Uint8Array(boxVoxels(box));
  forRows(volume.dims, box, (at, into, length) => out.set(volume.labels.subarray(at, at + length), into));
  return out;
}

/** Mask of one label in a box. */
export function cutMask(volume: LabelVolume, box: Box, label: number): Uint8Array {
  const values = cut(volume, box);
  for (let at = 0; at < values.length; at += 1) values[at] = values[at] === label ? 1 : 0;
  return values;
}

/** Smallest box around one label; null when it is not drawn. One native search per row. */
export function labelBox(volume: LabelVolume, label: number): Box | null {
  const [nx, ny, nz] = volume.dims;
  let box: Box | null = null;
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) {
      const row = volume.labels.subarray(nx * (y + ny * z), nx * (y + ny * z + 1));
      const from = row.indexOf(label);
      if (from < 0) continue;
      const here: Box = { low: [from, y, z], high: [row.lastIndexOf(label) + 1, y + 1, z + 1] };
      box = box === null ? here : joinBoxes(box, here);
    }
  }
  return box;
}

export const AXES: readonly Axis[] = [0, 1, 2];
