/** Round brushes in millimetres: a voxel belongs when its centre lies within the brush; anisotropy is honoured. */
import { KernelError } from '../errors';
import { PLANE_AXES } from '../planes';
import type { Plane, Vec3, VoxelArray } from '../types';
import { AXES, boxSize, boxVoxels, clipBox, forRows } from './volume';
import type { Box, LabelVolume, Region } from './volume';

/** A disc lies in one slice of its plane; a sphere reaches through slices. Diameter in mm. */
export type Brush =
  | { readonly shape: 'disc'; readonly plane: Plane; readonly diameterMm: number }
  | { readonly shape: 'sphere'; readonly diameterMm: number };

/** Slack for distances that rounding puts just outside, in mm². */
const SLACK = 1e-9;

/** The brush pressed at one point (fractional voxel). */
export function dab(volume: LabelVolume, brush: Brush, at: Vec3): Region | null {
  return capsule(volume, brush, at, at);
}

/**
 * Voxels that the brush sweeps between two pointer samples (fractional voxels), so that a fast hand leaves no gaps.
 *
 * The voxels under the two ends always belong, however small the brush. A disc stays in the slice of `to`. Null when the
 * sweep misses the grid. Throws `brush.size` unless the diameter is positive.
 */
export function capsule(volume: LabelVolume, brush: Brush, from: Vec3, to: Vec3): Region | null {
  if (!(brush.diameterMm > 0)) {
    throw new KernelError('brush.size', `A brush of ${brush.diameterMm} mm draws nothing; choose 0.5 mm or more.`);
  }
  const flat: number = brush.shape === 'disc' ? PLANE_AXES[brush.plane].n : -1;
  const [a, b] = [from, to].map((p) => p.map((v, axis) => (axis === flat ? Math.round(to[axis] as number) : v)));
  const [start, end] = [a as unknown as Vec3, b as unknown as Vec3];
  const box = sweptBox(volume, brush.diameterMm / 2, start, end, flat);
  if (box === null) return null;
  const region = { box, bits: sweep(volume, box, brush.diameterMm / 2, start, end) };
  for (const point of [start, end]) mark(region, point);
  return region;
}

function sweptBox(volume: LabelVolume, radius: number, a: Vec3, b: Vec3, flat: number): Box | null {
  const side = (axis: 0 | 1 | 2): readonly [number, number] => {
    const wide = axis === flat ? 0 : radius / volume.spacing[axis];
    const [low, high] = [Math.min(a[axis], b[axis]), Math.max(a[axis], b[axis])];
    return [Math.min(Math.ceil(low - wide), Math.round(low)), Math.max(Math.floor(high + wide), Math.round(high)) + 1];
  };
  const [x, y, z] = [side(0), side(1), side(2)];
  return clipBox({ low: [x[0], y[0], z[0]], high: [x[1], y[1], z[1]] }, volume.dims);
}

/** Distance to the line between the ends, in mm, against the radius. */
function sweep({ dims, spacing }: LabelVolume, box: Box, radius: number, a: Vec3, b: Vec3): Uint8Array {
  const bits = new Uint8Array(boxVoxels(box));
  const [width, height] = boxSize(box);
  const along = AXES.map((axis) => (b[axis] - a[axis]) * spacing[axis]) as unknown as Vec3;
  const length2 = along[0] ** 2 + along[1] ** 2 + along[2] ** 2;
  forRows(dims, box, (_, row, length) => {
    const y = ((Math.floor(row / width) % height) + box.low[1] - a[1]) * spacing[1];
    const z = (Math.floor(row / width / height) + box.low[2] - a[2]) * spacing[2];
    for (let i = 0; i < length; i += 1) {
      const x = (i + box.low[0] - a[0]) * spacing[0];
      const t = length2 > 0 ? Math.min(1, Math.max(0, (x * along[0] + y * along[1] + z * along[2]) / length2)) : 0;
      const d2 = (x - t * along[0]) ** 2 + (y - t * along[1]) ** 2 + (z - t * along[2]) ** 2;
      if (d2 <= radius * radius + SLACK) bits[row + i] = 1;
    }
  });
  return bits;
}

function mark({ box, bits }: Region, point: Vec3): void {
  const [x, y, z] = AXES.map((axis) => Math.round(point[axis]) - box.low[axis]) as unknown as Vec3;
  const [nx, ny, nz] = boxSize(box);
  if (x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz) bits[x + nx * (y + ny * z)] = 1;
}

/** Threshold paint: the voxels of a region whose image value lies from `low` to `high`, both included. */
export function withinRange(region: Region, image: VoxelArray, dims: Vec3, low: number, high: number): Region {
  const bits = region.bits.slice();
  forRows(dims, region.box, (at, row, length) => {
    for (let i = 0; i < length; i += 1) {
      const value = image[at + i] as number;
      if (!(value >= low && value <= high)) bits[row + i] = 0;
    }
  });
  return { box: region.box, bits };
}
