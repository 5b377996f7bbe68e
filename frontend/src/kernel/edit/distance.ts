/** Exact Euclidean distances in millimetres (Felzenszwalb and Huttenlocher, Theory of Computing 2012;8:415–428). */
import type { Vec3 } from '../types';

/** Squared distance in mm² from every voxel to the nearest voxel with this bit; Infinity where there is none. */
export function squaredDistance(mask: Uint8Array, bit: 0 | 1, size: Vec3, spacing: Vec3): Float64Array {
  const field = new Float64Array(mask.length);
  alongRows(mask, bit, size, spacing[0], field);
  const strides: Vec3 = [1, size[0], size[0] * size[1]];
  for (const axis of [1, 2] as const) {
    if (size[axis] > 1) alongAxis(field, size, strides, axis, spacing[axis]);
  }
  return field;
}

/** Positive inside the mask (distance to the nearest voxel outside), negative outside; ±Infinity in uniform masks. */
export function signedDistance(mask: Uint8Array, size: Vec3, spacing: Vec3): Float64Array {
  const out = squaredDistance(mask, 0, size, spacing);
  const toMask = squaredDistance(mask, 1, size, spacing);
  for (let at = 0; at < out.length; at += 1) {
    out[at] = mask[at] === 1 ? Math.sqrt(out[at] as number) : -Math.sqrt(toMask[at] as number);
  }
  return out;
}

function alongRows(mask: Uint8Array, bit: 0 | 1, [width]: Vec3, step: number, field: Float64Array): void {
  for (let row = 0; row < mask.length; row += width) {
    let far = Infinity;
    for (let at = row; at < row + width; at += 1) {
      far = mask[at] === bit ? 0 : far + 1;
      field[at] = far;
    }
    far = Infinity;
    for (let at = row + width - 1; at >= row; at -= 1) {
      far = mask[at] === bit ? 0 : far + 1;
      const steps = Math.min(far, field[at] as number);
      field[at] = (steps * step) ** 2;
    }
  }
}

function alongAxis(field: Float64Array, size: Vec3, strides: Vec3, axis: 1 | 2, step: number): void {
  const count = size[axis];
  const stride = strides[axis];
  const line = new Float64Array(count);
  const envelope = makeEnvelope(count);
  const outer = axis === 1 ? size[2] : size[1];
  const outerStride = axis === 1 ? strides[2] : strides[1];
  for (let o = 0; o < outer; o += 1) {
    for (let x = 0; x < size[0]; x += 1) {
      const start = o * outerStride + x;
      let work = false;
      for (let i = 0, at = start; i < count; i += 1, at += stride) {
        line[i] = field[at] as number;
        if (line[i] !== 0) work = true;
      }
      if (!work) continue;
      lowerEnvelope(line, step * step, envelope);
      for (let i = 0, at = start; i < count; i += 1, at += stride) field[at] = envelope.out[i] as number;
    }
  }
}

interface Envelope {
  readonly vertex: Int32Array;
  readonly border: Float64Array;
  readonly out: Float64Array;
}

const makeEnvelope = (count: number): Envelope => ({
  vertex: new Int32Array(count),
  border: new Float64Array(count + 1),
  out: new Float64Array(count),
});

/** out[i] = min over j of (i − j)² · step2 + f[j]. */
function lowerEnvelope(f: Float64Array, step2: number, { vertex, border, out }: Envelope): void {
  let top = -1;
  for (let q = 0; q < f.length; q += 1) {
    if (f[q] === Infinity) continue;
    let cross = -Infinity;
    while (top >= 0) {
      const v = vertex[top] as number;
      cross = (((f[q] as number) - (f[v] as number)) / step2 + q * q - v * v) / (2 * (q - v));
      if (cross > (border[top] as number)) break;
      top -= 1;
    }
    if (top < 0) cross = -Infinity;
    top += 1;
    vertex[top] = q;
    border[top] = cross;
  }
  if (top < 0) {
    out.fill(Infinity);
    return;
  }
  for (let q = 0, k = 0; q < f.length; q += 1) {
    while (k < top && (border[k + 1] as number) < q) k += 1;
    const v = vertex[k] as number;
    out[q] = (q - v) ** 2 * step2 + (f[v] as number);
  }
}
