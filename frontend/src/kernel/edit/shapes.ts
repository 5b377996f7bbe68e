/** Outlines drawn with the pointer in one slice, and the voxels whose centres they enclose. Points are (u, v) voxels. */
import { PLANE_AXES } from '../planes';
import type { Plane, Vec3 } from '../types';
import { boxVoxels, clipBox } from './volume';
import type { Box, LabelVolume, Region } from './volume';

export type Point = readonly [number, number];

/** How a line that crosses itself is filled: freehand loops fill whole (nonzero), polygons may leave holes (evenodd). */
export type FillRule = 'nonzero' | 'evenodd';

/** The slice that is drawn in. */
export interface Sheet {
  readonly plane: Plane;
  readonly slice: number;
}

/**
 * Voxels of a slice whose centres lie inside a closed line (the last point joins the first). Freehand fill passes the
 * pointer's track. A centre exactly on the line belongs to the side of larger u or v. Null for fewer than three points
 * or a line outside the image.
 */
export function polygon(volume: LabelVolume, sheet: Sheet, points: readonly Point[], rule: FillRule = 'nonzero'): Region | null {
  if (points.length < 3) return null;
  const us = points.map(([u]) => u);
  const vs = points.map(([, v]) => v);
  const box = sheetBox(volume, sheet, [Math.min(...us), Math.min(...vs)], [Math.max(...us), Math.max(...vs)]);
  return box && fillSheet(box, sheet, (u0, width, v) => scanline(points, rule, u0, width, v));
}

/** Voxels whose centres lie in a rectangle between two corners, sides included. */
export function rectangle(volume: LabelVolume, sheet: Sheet, a: Point, b: Point): Region | null {
  const low: Point = [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
  const high: Point = [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
  const box = sheetBox(volume, sheet, low, high);
  return box && { box, bits: new Uint8Array(boxVoxels(box)).fill(1) };
}

/** Voxels whose centres lie in the ellipse that fills the rectangle between two corners, its line included. */
export function ellipse(volume: LabelVolume, sheet: Sheet, a: Point, b: Point): Region | null {
  const box = sheetBox(volume, sheet, [Math.min(a[0], b[0]), Math.min(a[1], b[1])], [Math.max(a[0], b[0]), Math.max(a[1], b[1])]);
  const [cu, cv] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [ru, rv] = [Math.abs(a[0] - b[0]) / 2, Math.abs(a[1] - b[1]) / 2];
  if (box === null || ru === 0 || rv === 0) return box && { box, bits: new Uint8Array(boxVoxels(box)).fill(1) };
  return fillSheet(box, sheet, (u0, width, v) =>
    Uint8Array.from({ length: width }, (_, i) => (((u0 + i - cu) / ru) ** 2 + ((v - cv) / rv) ** 2 <= 1 + 1e-9 ? 1 : 0)),
  );
}

/** Voxels whose centres lie between the corners (in u and v) of one slice. */
function sheetBox({ dims }: LabelVolume, { plane, slice }: Sheet, low: Point, high: Point): Box | null {
  const { u, v } = PLANE_AXES[plane];
  const corner = (p: Point, n: number): Vec3 => [0, 1, 2].map((axis) => (axis === u ? p[0] : axis === v ? p[1] : n)) as unknown as Vec3;
  const first: Point = [Math.ceil(low[0]), Math.ceil(low[1])];
  const last: Point = [Math.floor(high[0]) + 1, Math.floor(high[1]) + 1];
  return clipBox({ low: corner(first, slice), high: corner(last, slice + 1) }, dims);
}

/** Fill a box of thickness one row by row; within it u runs faster than v in every plane. */
function fillSheet(box: Box, { plane }: Sheet, row: (u0: number, width: number, v: number) => Uint8Array): Region {
  const { u, v } = PLANE_AXES[plane];
  const width = box.high[u] - box.low[u];
  const bits = new Uint8Array(boxVoxels(box));
  for (let at = box.low[v]; at < box.high[v]; at += 1) bits.set(row(box.low[u], width, at), (at - box.low[v]) * width);
  return { box, bits };
}

/** Fill of one row of centres: crossings with the line, sorted, and the winding number between them. */
function scanline(points: readonly Point[], rule: FillRule, u0: number, width: number, v: number): Uint8Array {
  const bits = new Uint8Array(width);
  const found = crossings(points, v);
  let winding = 0;
  found.forEach(([from, turn], at) => {
    winding += turn;
    const to = found[at + 1]?.[0];
    const inside = rule === 'nonzero' ? winding !== 0 : at % 2 === 0;
    if (to === undefined || !inside) return;
    bits.fill(1, Math.max(0, Math.ceil(from - u0)), Math.max(0, Math.ceil(to - u0)));
  });
  return bits;
}

function crossings(points: readonly Point[], v: number): (readonly [number, 1 | -1])[] {
  const found: (readonly [number, 1 | -1])[] = [];
  points.forEach(([ua, va], at) => {
    const [ub, vb] = points[(at + 1) % points.length] as Point;
    if (va <= v === vb <= v) return;
    found.push([ua + ((v - va) * (ub - ua)) / (vb - va), va <= v ? 1 : -1]);
  });
  return found.sort((a, b) => a[0] - b[0]);
}
