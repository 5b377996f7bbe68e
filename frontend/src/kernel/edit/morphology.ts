/** Smoothing and margins of one label: the wanted new mask in a box around it, as a proposal that leaves others alone. */
import { KernelError } from '../errors';
import type { Vec3 } from '../types';
import { signedDistance, squaredDistance } from './distance';
import { AXES, boxSize, cut, growBox, labelBox, reach } from './volume';
import type { Box, LabelVolume, Proposal } from './volume';

/** Slack for distances that rounding puts just beyond a radius, in mm². */
const SLACK = 1e-9;

/** Work on one label in a box `margin` voxels wider than it. */
function reshape(
  volume: LabelVolume,
  label: number,
  margin: Vec3,
  change: (mask: Uint8Array, size: Vec3, box: Box) => Uint8Array,
): Proposal | null {
  const tight = labelBox(volume, label);
  if (tight === null) return null;
  const box = growBox(tight, margin, volume.dims);
  const values = cut(volume, box);
  const mask = values.map((value) => (value === label ? 1 : 0));
  const wanted = change(mask, boxSize(box), box);
  for (let at = 0; at < values.length; at += 1) {
    if (wanted[at] === 1) values[at] = label;
    else if (mask[at] === 1) values[at] = 0;
  }
  return { box, values };
}

/**
 * Grow (mm > 0) or shrink (mm < 0) a label by a distance in millimetres.
 *
 * A voxel is added when its centre is within the distance of the label, taken away when it is within the distance of
 * what is not the label; the edge of the image takes nothing away. Null when the label is not drawn.
 */
export function margin(volume: LabelVolume, label: number, mm: number): Proposal | null {
  const wide = mm > 0 ? reach(volume.spacing, mm) : ([1, 1, 1] as const);
  return reshape(volume, label, wide, (mask, size) =>
    mm > 0 ? dilate(mask, size, volume.spacing, mm) : erode(mask, size, volume.spacing, -mm),
  );
}

/** 1 where a value is above `low` and not above `high`. */
function where(values: Float64Array, low: number, high: number): Uint8Array {
  const bits = new Uint8Array(values.length);
  for (let at = 0; at < bits.length; at += 1) {
    const value = values[at] as number;
    if (value > low && value <= high) bits[at] = 1;
  }
  return bits;
}

/** Voxels within `mm` of the mask. */
export function dilate(mask: Uint8Array, size: Vec3, spacing: Vec3, mm: number): Uint8Array {
  const far = squaredDistance(mask, 1, size, spacing);
  return where(far, -Infinity, mm * mm + SLACK);
}

/** Voxels of the mask further than `mm` from everything outside it. */
export function erode(mask: Uint8Array, size: Vec3, spacing: Vec3, mm: number): Uint8Array {
  const far = squaredDistance(mask, 0, size, spacing);
  return where(far, mm * mm + SLACK, Infinity);
}

/** Closing with a ball of this radius in mm: fills gaps narrower than the ball. Null when the label is not drawn. */
export function closing(volume: LabelVolume, label: number, mm: number): Proposal | null {
  const { spacing } = volume;
  const wide = reach(spacing, 2 * mm).map((n) => n + 1) as unknown as Vec3;
  return reshape(volume, label, wide, (mask, size) => erode(dilate(mask, size, spacing, mm), size, spacing, mm));
}

/** Opening with a ball of this radius in mm: takes away parts thinner than the ball. */
export function opening(volume: LabelVolume, label: number, mm: number): Proposal | null {
  const { spacing } = volume;
  return reshape(volume, label, [1, 1, 1], (mask, size) => dilate(erode(mask, size, spacing, mm), size, spacing, mm));
}

/** Median over a cube of (2·radius + 1)³ voxels: the majority wins; outside the image counts as background. */
export function median(volume: LabelVolume, label: number, radius: number): Proposal | null {
  if (!Number.isInteger(radius) || radius < 1 || radius > 20) {
    throw new KernelError('smooth.radius', `A median over ${radius} voxels is not possible; choose 1 to 20.`);
  }
  const half = (2 * radius + 1) ** 3 / 2;
  return reshape(volume, label, [radius, radius, radius], (mask, size) => {
    let sums = new Float64Array(mask);
    for (const axis of AXES) sums = windowSum(sums, size, axis, radius);
    return where(sums, half, Infinity);
  });
}

/** Call `visit` with the first index of every line along an axis. */
function forLines(size: Vec3, axis: 0 | 1 | 2, visit: (start: number, stride: number) => void): void {
  const strides: Vec3 = [1, size[0], size[0] * size[1]];
  const [p, q] = AXES.filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  for (let j = 0; j < size[q]; j += 1) {
    for (let i = 0; i < size[p]; i += 1) visit(i * strides[p] + j * strides[q], strides[axis]);
  }
}

function windowSum(from: Float64Array, size: Vec3, axis: 0 | 1 | 2, radius: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(from.length);
  const count = size[axis];
  forLines(size, axis, (start, stride) => {
    let sum = 0;
    for (let i = -radius; i < count; i += 1) {
      if (i + radius < count) sum += from[start + (i + radius) * stride] as number;
      if (i - radius - 1 >= 0) sum -= from[start + (i - radius - 1) * stride] as number;
      if (i >= 0) out[start + i * stride] = sum;
    }
  });
  return out;
}

/**
 * Smooth the outline: the signed distance (mm) blurred by a Gaussian of `sigmaMm`, inside where it stays positive.
 *
 * The kernel ends at 4 sigma; values beyond the box repeat its edge. Null when the label is not drawn.
 */
export function gaussian(volume: LabelVolume, label: number, sigmaMm: number): Proposal | null {
  const { spacing } = volume;
  const wide = reach(spacing, 4 * sigmaMm).map((n) => n + 2) as unknown as Vec3;
  return reshape(volume, label, wide, (mask, size) => {
    if (mask.every((bit) => bit === 1)) return mask;
    let field = signedDistance(mask, size, spacing);
    for (const axis of AXES) field = blur(field, size, axis, sigmaMm / spacing[axis]);
    return where(field, 0, Infinity);
  });
}

function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, at) => Math.exp(-0.5 * ((at - radius) / sigma) ** 2));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

function blur(from: Float64Array, size: Vec3, axis: 0 | 1 | 2, sigma: number): Float64Array {
  const kernel = gaussianKernel(sigma);
  const radius = (kernel.length - 1) / 2;
  const out = new Float64Array(from.length);
  const count = size[axis];
  const line = new Float64Array(count + 2 * radius);
  forLines(size, axis, (start, stride) => {
    for (let i = 0; i < line.length; i += 1) {
      line[i] = from[start + Math.min(count - 1, Math.max(0, i - radius)) * stride] as number;
    }
    for (let i = 0; i < count; i += 1) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k += 1) sum += (line[i + k] as number) * (kernel[k] as number);
      out[start + i * stride] = sum;
    }
  });
  return out;
}
