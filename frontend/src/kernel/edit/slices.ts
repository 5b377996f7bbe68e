/** Tools that work slice by slice: copy from a neighbour, clear, and interpolation between drawn slices. */
import { extractSlice, PLANE_AXES, rasWalk } from '../planes';
import type { Plane, Vec3 } from '../types';
import { signedDistance } from './distance';
import { AXES, boxSize, cut, growBox, labelBox, sliceBox } from './volume';
import type { Box, LabelVolume, Proposal, Region } from './volume';

/**
 * Make one slice like another: all labels, or only one (whose voxels in the target are replaced, the rest kept).
 *
 * Background replaces labels too, where the overwrite policy lets it.
 */
export function copySlice(volume: LabelVolume, plane: Plane, from: number, to: number, label?: number): Proposal {
  const source = cut(volume, sliceBox(volume.dims, plane, from));
  const box = sliceBox(volume.dims, plane, to);
  if (label === undefined) return { box, values: source };
  const values = cut(volume, box).map((old, at) => (source[at] === label ? label : old === label ? 0 : old));
  return { box, values };
}

/** The whole of one slice, to be painted with 0. */
export function wholeSlice(volume: LabelVolume, plane: Plane, slice: number): Region {
  const box = sliceBox(volume.dims, plane, slice);
  return { box, bits: new Uint8Array(boxSize(box).reduce((a, b) => a * b)).fill(1) };
}

/** Slices of a plane in which a label is drawn, ascending. */
export function drawnSlices(volume: LabelVolume, plane: Plane, label: number): readonly number[] {
  const { n } = PLANE_AXES[plane];
  const box = labelBox(volume, label);
  if (box === null) return [];
  const buffer = new Uint8Array(volume.dims[PLANE_AXES[plane].u] * volume.dims[PLANE_AXES[plane].v]);
  const slices: number[] = [];
  for (let slice = box.low[n]; slice < box.high[n]; slice += 1) {
    if (extractSlice(volume.labels, rasWalk(volume.dims, plane, slice), buffer).includes(label)) slices.push(slice);
  }
  return slices;
}

/**
 * Fill the gaps between drawn slices of each label: signed distances (mm, in the plane) of the two neighbours, blended
 * by position; inside where the blend is positive; of several labels the deepest wins (the lower value of equals).
 *
 * Slices in which a label is drawn are not touched for that label, and only background is filled. Null when there is no
 * gap.
 */
export function interpolate(volume: LabelVolume, plane: Plane, labels: readonly number[]): Proposal | null {
  const gaps = [...labels].sort((a, b) => a - b).flatMap((label) => labelGaps(volume, plane, label));
  if (gaps.length === 0) return null;
  const box = fullBox(volume.dims, plane, Math.min(...gaps.map((g) => g.from + 1)), Math.max(...gaps.map((g) => g.to)));
  const proposal = { box, values: cut(volume, box) };
  const depth = new Float64Array(proposal.values.length);
  for (const gap of gaps) fillGap(volume, plane, gap, proposal, depth);
  return proposal;
}

interface Gap {
  readonly label: number;
  /** Where the label is drawn, one voxel wider in the plane. */
  readonly around: Box;
  readonly from: number;
  readonly to: number;
}

function labelGaps(volume: LabelVolume, plane: Plane, label: number): Gap[] {
  const tight = labelBox(volume, label);
  if (tight === null) return [];
  const wide = AXES.map((axis) => (axis === PLANE_AXES[plane].n ? 0 : 1)) as unknown as Vec3;
  const around = growBox(tight, wide, volume.dims);
  const drawn = drawnSlices(volume, plane, label);
  return drawn.slice(1).flatMap((to, at) => {
    const from = drawn[at] as number;
    return to - from > 1 ? [{ label, around, from, to }] : [];
  });
}

function fullBox(dims: Vec3, plane: Plane, from: number, to: number): Box {
  return { low: sliceBox(dims, plane, from).low, high: sliceBox(dims, plane, to - 1).high };
}

/** Signed distance of a label in one slice, over a box of thickness one. */
function sliceDistance(volume: LabelVolume, box: Box, label: number): Float64Array {
  const mask = cut(volume, box).map((value) => (value === label ? 1 : 0));
  return signedDistance(mask, boxSize(box), volume.spacing);
}

function fillGap(volume: LabelVolume, plane: Plane, gap: Gap, into: Proposal, depth: Float64Array): void {
  const { n } = PLANE_AXES[plane];
  const { around } = gap;
  const at = (slice: number): Box => ({
    low: around.low.map((v, axis) => (axis === n ? slice : v)) as unknown as Vec3,
    high: around.high.map((v, axis) => (axis === n ? slice + 1 : v)) as unknown as Vec3,
  });
  const [a, b] = [gap.from, gap.to].map((slice) => sliceDistance(volume, at(slice), gap.label)) as [Float64Array, Float64Array];
  for (let slice = gap.from + 1; slice < gap.to; slice += 1) {
    const t = (slice - gap.from) / (gap.to - gap.from);
    blend(into, at(slice), gap.label, depth, (i) => (1 - t) * (a[i] as number) + t * (b[i] as number), volume);
  }
}

type Depth = (inSlice: number) => number;

function blend(into: Proposal, slice: Box, label: number, depth: Float64Array, value: Depth, volume: LabelVolume): void {
  const [nx, ny] = boxSize(into.box);
  const [sx, sy, sz] = boxSize(slice);
  const [ox, oy, oz] = AXES.map((axis) => slice.low[axis] - into.box.low[axis]) as unknown as Vec3;
  for (let at = 0; at < sx * sy * sz; at += 1) {
    const deep = value(at);
    const x = (at % sx) + ox;
    const y = (Math.floor(at / sx) % sy) + oy;
    const to = x + nx * (y + ny * (Math.floor(at / sx / sy) + oz));
    if (!(deep > 0) || deep <= (depth[to] as number)) continue;
    depth[to] = deep;
    const drawn = volume.labels[x + into.box.low[0] + volume.dims[0] * (y + into.box.low[1] + volume.dims[1] * (slice.low[2] + Math.floor(at / sx / sy)))];
    if (drawn === 0) into.values[to] = label;
  }
}
