/** Small linear algebra on affines; millimetres are RAS+. */
import { KernelError } from './errors';
import type { Affine, Vec3 } from './types';

export type Mat3 = readonly [Vec3, Vec3, Vec3];

/** Point of a voxel index (may be fractional) in millimetres. */
export function voxelToMm(affine: Affine, voxel: Vec3): Vec3 {
  const [a, b, c] = affine;
  const [i, j, k] = voxel;
  return [
    a[0] * i + a[1] * j + a[2] * k + a[3],
    b[0] * i + b[1] * j + b[2] * k + b[3],
    c[0] * i + c[1] * j + c[2] * k + c[3],
  ];
}

/** Fractional voxel index of a point in millimetres. Throws `affine.singular` when the axes are not independent. */
export function mmToVoxel(affine: Affine, mm: Vec3): Vec3 {
  const inverse = invert3(linearPart(affine));
  const d: Vec3 = [mm[0] - affine[0][3], mm[1] - affine[1][3], mm[2] - affine[2][3]];
  return [dot(inverse[0], d), dot(inverse[1], d), dot(inverse[2], d)];
}

/** Length in mm of one step along each voxel axis. */
export function voxelSpacing(affine: Affine): Vec3 {
  return [norm(column(affine, 0)), norm(column(affine, 1)), norm(column(affine, 2))];
}

export function column(affine: Affine, axis: 0 | 1 | 2 | 3): Vec3 {
  return [affine[0][axis], affine[1][axis], affine[2][axis]];
}

export function linearPart(affine: Affine): Mat3 {
  const row = (r: 0 | 1 | 2): Vec3 => [affine[r][0], affine[r][1], affine[r][2]];
  return [row(0), row(1), row(2)];
}

export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const norm = (v: Vec3): number => Math.hypot(v[0], v[1], v[2]);

export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export const transpose3 = (m: Mat3): Mat3 => [
  [m[0][0], m[1][0], m[2][0]],
  [m[0][1], m[1][1], m[2][1]],
  [m[0][2], m[1][2], m[2][2]],
];

const scale = (v: Vec3, by: number): Vec3 => [v[0] * by, v[1] * by, v[2] * by];

export function invert3(m: Mat3): Mat3 {
  const rows: Mat3 = [cross(m[1], m[2]), cross(m[2], m[0]), cross(m[0], m[1])];
  const determinant = dot(m[0], rows[0]);
  if (!Number.isFinite(determinant) || Math.abs(determinant) < 1e-12) {
    throw new KernelError('affine.singular', 'The image does not say how its axes lie in space; import it again.');
  }
  return transpose3([scale(rows[0], 1 / determinant), scale(rows[1], 1 / determinant), scale(rows[2], 1 / determinant)]);
}
