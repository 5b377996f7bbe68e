/** The three planes of a RAS grid: which axes they show, how they lie on the screen, and what is cut from the arrays. */
import { column, norm } from './affine';
import { direction } from './orientation';
import type { Axis, RasGrid } from './orientation';
import type { Plane, Vec3 } from './types';

/** u runs along the screen's rows, v along its columns (upwards), n is the slice number; all RAS axes. */
export interface PlaneAxes {
  readonly u: Axis;
  readonly v: Axis;
  readonly n: Axis;
}

export const PLANE_AXES: Readonly<Record<Plane, PlaneAxes>> = {
  axial: { u: 0, v: 1, n: 2 },
  coronal: { u: 0, v: 2, n: 1 },
  sagittal: { u: 1, v: 2, n: 0 },
};

const PLANE_OF_NORMAL: Readonly<Record<Axis, Plane>> = { 0: 'sagittal', 1: 'coronal', 2: 'axial' };

/** True where u runs to the left of the screen: radiological axial and coronal; sagittal always shows the face left. */
export function isMirrored(plane: Plane, radiological: boolean): boolean {
  return plane === 'sagittal' || radiological;
}

/** Plane in which the image was taken: across the largest spacing; axial when the spacings are within 5 %. */
export function acquisitionPlane(grid: RasGrid): Plane {
  const thickest = Math.max(...grid.spacing);
  if (thickest <= Math.min(...grid.spacing) * 1.05) return 'axial';
  return PLANE_OF_NORMAL[grid.spacing.indexOf(thickest) as Axis];
}

/** Distance between neighbouring slices of this plane, in mm along the slice normal. */
export function sliceSpacing(grid: RasGrid, plane: Plane): number {
  const { u, v, n } = PLANE_AXES[plane];
  const [a, b, step] = [column(grid.affine, u), column(grid.affine, v), column(grid.affine, n)];
  const normal: Vec3 = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  return Math.abs(normal[0] * step[0] + normal[1] * step[1] + normal[2] * step[2]) / norm(normal);
}

/** A direction more than 15 degrees off its main axis gets its second letter too. */
const SECOND_LETTER = Math.sin((15 * Math.PI) / 180);
const LETTERS = ['LR', 'PA', 'IS'] as const;

/** Letters of a direction in RAS+ millimetres, strongest first: 'L', or 'LA' for an oblique cut. */
export function directionLetters(v: Vec3): string {
  return ([0, 1, 2] as const)
    .filter((axis) => Math.abs(v[axis]) > SECOND_LETTER)
    .sort((a, b) => Math.abs(v[b]) - Math.abs(v[a]))
    .slice(0, 2)
    .map((axis) => LETTERS[axis].charAt(v[axis] > 0 ? 1 : 0))
    .join('');
}

export interface EdgeLetters {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

/** The letters at the four edges of a pane. */
export function edgeLetters(grid: RasGrid, plane: Plane, radiological: boolean): EdgeLetters {
  const { u, v } = PLANE_AXES[plane];
  const back = (d: Vec3): Vec3 => [-d[0], -d[1], -d[2]];
  const along = direction(grid, u);
  const up = direction(grid, v);
  const right = isMirrored(plane, radiological) ? back(along) : along;
  return {
    left: directionLetters(back(right)),
    right: directionLetters(right),
    top: directionLetters(up),
    bottom: directionLetters(back(up)),
  };
}

/** How a slice lies in an array: first element and steps along u and v. */
export interface SliceWalk {
  readonly width: number;
  readonly height: number;
  readonly start: number;
  readonly stepU: number;
  readonly stepV: number;
}

/** Walk over a slice of an array in stored order. */
export function storedWalk(grid: RasGrid, plane: Plane, slice: number): SliceWalk {
  return walk(grid.dims, grid.strides, grid.offset, plane, slice);
}

/** Walk over a slice of an array in RAS order. */
export function rasWalk(dims: Vec3, plane: Plane, slice: number): SliceWalk {
  return walk(dims, [1, dims[0], dims[0] * dims[1]], 0, plane, slice);
}

function walk(dims: Vec3, strides: Vec3, offset: number, plane: Plane, slice: number): SliceWalk {
  const { u, v, n } = PLANE_AXES[plane];
  return {
    width: dims[u],
    height: dims[v],
    start: offset + slice * strides[n],
    stepU: strides[u],
    stepV: strides[v],
  };
}

/** Cut a slice: rows from the bottom (v = 0) up, u fastest. */
export function extractSlice<T extends { [index: number]: number }>(
  from: { readonly [index: number]: number },
  walked: SliceWalk,
  into: T,
): T {
  let at = 0;
  for (let v = 0; v < walked.height; v += 1) {
    let index = walked.start + v * walked.stepV;
    for (let u = 0; u < walked.width; u += 1, index += walked.stepU) {
      into[at] = from[index] ?? 0;
      at += 1;
    }
  }
  return into;
}

export function clampVoxel(dims: Vec3, voxel: Vec3): Vec3 {
  const clamp = (r: Axis): number => Math.min(Math.max(Math.round(voxel[r]), 0), dims[r] - 1);
  return [clamp(0), clamp(1), clamp(2)];
}
