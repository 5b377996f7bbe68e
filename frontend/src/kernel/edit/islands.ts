/** Islands (connected parts of a label) and holes in it. Each tool returns the voxels to take away or to fill. */
import type { Plane, Vec3 } from '../types';
import { PLANE_AXES } from '../planes';
import { components, componentAt, select } from './components';
import type { Components, Connectivity } from './components';
import { boxSize, boxVoxels, cutMask, inBox, indexOf, labelBox, voxelAt, voxelMm3 } from './volume';
import type { Box, LabelVolume, Region } from './volume';

interface Parts {
  readonly box: Box;
  readonly found: Components;
}

function parts(volume: LabelVolume, label: number, connectivity: Connectivity): Parts | null {
  const box = labelBox(volume, label);
  if (box === null) return null;
  return { box, found: components(cutMask(volume, box, label), boxSize(box), connectivity) };
}

const pick = ({ box, found }: Parts, wanted: (component: number) => boolean): Region => ({
  box,
  bits: select(found, boxVoxels(box), wanted),
});

/** All islands of a label but the largest (the first of equals stays); null when the label is not drawn. */
export function allButLargest(volume: LabelVolume, label: number, connectivity: Connectivity): Region | null {
  const found = parts(volume, label, connectivity);
  if (found === null) return null;
  const { sizes } = found.found;
  const largest = sizes.indexOf(sizes.reduce((a, b) => Math.max(a, b)));
  return pick(found, (id) => id !== largest);
}

/** Islands smaller than `mm3` cubic millimetres; null when the label is not drawn. */
export function smallIslands(volume: LabelVolume, label: number, mm3: number, connectivity: Connectivity): Region | null {
  const found = parts(volume, label, connectivity);
  const voxel = voxelMm3(volume);
  return found && pick(found, (id) => (found.found.sizes[id] as number) * voxel < mm3 - 1e-9);
}

/** The island under a click, or (`others`) all islands but that one; null when the click is not on a drawn label. */
export function clickedIsland(volume: LabelVolume, at: Vec3, connectivity: Connectivity, others = false): Region | null {
  const label = volume.labels[indexOf(volume.dims, at)] ?? 0;
  const found = label > 0 ? parts(volume, label, connectivity) : null;
  if (found === null || !inBox(found.box, at)) return null;
  const { low } = found.box;
  const clicked = componentAt(found.found, indexOf(boxSize(found.box), [at[0] - low[0], at[1] - low[1], at[2] - low[2]]));
  return pick(found, (id) => (id === clicked) !== others);
}

/** One island: its size and its first voxel, to jump to. */
export interface Island {
  readonly voxels: number;
  readonly mm3: number;
  readonly at: Vec3;
}

/** The islands of a label, largest first. */
export function listIslands(volume: LabelVolume, label: number, connectivity: Connectivity): readonly Island[] {
  const found = parts(volume, label, connectivity);
  return found === null ? [] : describe(volume, found).sort((a, b) => b.voxels - a.voxels);
}

function describe(volume: LabelVolume, { box, found }: Parts): Island[] {
  const first = new Int32Array(found.count).fill(-1);
  found.of.forEach((id, run) => {
    if ((first[id] as number) < 0) first[id] = found.start[run] as number;
  });
  const voxel = voxelMm3(volume);
  return Array.from(found.sizes, (voxels, id) => {
    const [x, y, z] = voxelAt(boxSize(box), first[id] as number);
    return { voxels, mm3: voxels * voxel, at: [x + box.low[0], y + box.low[1], z + box.low[2]] as const };
  });
}

/**
 * Voxels enclosed by a label: in 3D, or in every slice of a plane.
 *
 * Other labels inside count as enclosed; the overwrite policy decides whether they are filled. What reaches the edge of
 * the image is not a hole. Null when the label is not drawn.
 */
export function holes(volume: LabelVolume, label: number, plane?: Plane): Region | null {
  const box = labelBox(volume, label);
  if (box === null) return null;
  if (plane === undefined) return { box, bits: enclosed(cutMask(volume, box, label), boxSize(box), null) };
  return holesBySlice(volume, label, box, plane);
}

/** The list of holes in 3D, largest first, as `listIslands`. */
export function listHoles(volume: LabelVolume, label: number): readonly Island[] {
  const region = holes(volume, label);
  if (region === null) return [];
  const found = components(region.bits, boxSize(region.box), 6);
  return describe(volume, { box: region.box, found }).sort((a, b) => b.voxels - a.voxels);
}

function inverted(mask: Uint8Array): Uint8Array {
  const out = new Uint8Array(mask.length);
  for (let at = 0; at < out.length; at += 1) out[at] = 1 - (mask[at] as number);
  return out;
}

/** Background parts that touch no side of the box (sides along `flat` do not count). */
function enclosed(mask: Uint8Array, size: Vec3, flat: number | null): Uint8Array {
  const found = components(inverted(mask), size, 6);
  const open = new Uint8Array(found.count);
  for (let run = 0; run < found.of.length; run += 1) {
    const [x, y, z] = voxelAt(size, found.start[run] as number);
    const ends = [x === 0 || x + (found.length[run] as number) === size[0], y === 0 || y === size[1] - 1, z === 0 || z === size[2] - 1];
    if (ends.some((touches, axis) => touches && axis !== flat)) open[found.of[run] as number] = 1;
  }
  return select(found, mask.length, (id) => open[id] === 0);
}

function holesBySlice(volume: LabelVolume, label: number, box: Box, plane: Plane): Region {
  const { n } = PLANE_AXES[plane];
  const size = boxSize(box);
  const bits = new Uint8Array(boxVoxels(box));
  const strides: Vec3 = [1, size[0], size[0] * size[1]];
  const flat = size.map((count, axis) => (axis === n ? 1 : count)) as unknown as Vec3;
  for (let slice = 0; slice < size[n]; slice += 1) {
    const cutTo = (at: Vec3, by: number): Vec3 => at.map((v, axis) => (axis === n ? box.low[n] + by : v)) as unknown as Vec3;
    const thin: Box = { low: cutTo(box.low, slice), high: cutTo(box.high, slice + 1) };
    const filled = enclosed(cutMask(volume, thin, label), flat, n);
    for (let at = filled.indexOf(1); at >= 0; at = filled.indexOf(1, at + 1)) {
      const [x, y, z] = voxelAt(flat, at);
      bits[x * strides[0] + y * strides[1] + z * strides[2] + slice * strides[n]] = 1;
    }
  }
  return { box, bits };
}
