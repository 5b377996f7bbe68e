/** A sequence made ready for drawing: its RAS grid, masks in RAS order, windows and mask counts. */
import { voxelToMm, mmToVoxel } from '../kernel/affine';
import { unionProfile } from '../kernel/masks';
import type { UnionProfile } from '../kernel/masks';
import { copyToRas, gridOf, isRas, storedIndex, storedVoxel } from '../kernel/orientation';
import type { RasGrid } from '../kernel/orientation';
import { checkPacked, countTable, digitTable, memberTable } from '../kernel/packing';
import { clampVoxel } from '../kernel/planes';
import type { Vec3 } from '../kernel/types';
import { windowPresets } from '../kernel/windowing';
import type { WindowPresets } from '../kernel/windowing';
import type { SequenceImage } from './port';

export interface LoadedMasks {
  /** RAS order. */
  readonly codes: Uint8Array;
  readonly base: number;
  /** Per code: bits of the slots that include the voxel, and how many they are. */
  readonly members: Uint8Array;
  readonly counts: Uint8Array;
  /** Per slot, the label of each code. */
  readonly digits: readonly Uint8Array[];
  readonly union: UnionProfile;
}

/** First and last RAS voxel along each axis that shows anything. */
export interface Extent {
  readonly first: Vec3;
  readonly last: Vec3;
}

export interface LoadedSequence {
  readonly image: SequenceImage;
  /** The part of the volume that a pane is fitted to; wide black margins are left outside. */
  readonly extent: Extent;
  readonly grid: RasGrid;
  readonly presets: WindowPresets;
  readonly masks: LoadedMasks | null;
}

/** Prepare a sequence; `packing.*` when its masks do not fit its grid or the slots. */
export function loadSequence(image: SequenceImage, slots: number): LoadedSequence {
  const grid = gridOf(image.volume);
  const presets = windowPresets(image.volume);
  const extent = contentExtent(image, grid, presets.default.high);
  return { image, grid, presets, extent, masks: loadMasks(image, grid, slots) };
}

/** A slice counts as content where this share of it is brighter than a tenth of the brightest tissue. */
const CONTENT_SHARE = 0.005;

/** Looks at every second voxel along each axis; the whole volume when nothing stands out. */
function contentExtent({ volume }: SequenceImage, grid: RasGrid, bright: number): Extent {
  const { dims, strides, offset } = grid;
  const counts = dims.map((n) => new Uint32Array(n)) as [Uint32Array, Uint32Array, Uint32Array];
  const threshold = (bright * 0.1 - volume.intercept) / volume.slope;
  for (let z = 0; z < dims[2]; z += 2) {
    for (let y = 0; y < dims[1]; y += 2) {
      let at = offset + y * strides[1] + z * strides[2];
      for (let x = 0; x < dims[0]; x += 2, at += 2 * strides[0]) {
        if ((volume.voxels[at] as number) <= threshold) continue;
        counts[0][x] = (counts[0][x] as number) + 1;
        counts[1][y] = (counts[1][y] as number) + 1;
        counts[2][z] = (counts[2][z] as number) + 1;
      }
    }
  }
  const range = (axis: 0 | 1 | 2): readonly [number, number] => {
    const looked = dims.reduce((product, n, other) => (other === axis ? product : product * Math.ceil(n / 2)), 1);
    const shown = (count: number): boolean => count > looked * CONTENT_SHARE;
    const first = counts[axis].findIndex(shown);
    return first < 0 ? [0, dims[axis] - 1] : [first, Math.min(counts[axis].findLastIndex(shown) + 1, dims[axis] - 1)];
  };
  const ranges = [range(0), range(1), range(2)] as const;
  return {
    first: [ranges[0][0], ranges[1][0], ranges[2][0]],
    last: [ranges[0][1], ranges[1][1], ranges[2][1]],
  };
}

function loadMasks({ candidates, volume }: SequenceImage, grid: RasGrid, slots: number): LoadedMasks | null {
  if (!candidates) return null;
  const { codes: given, base, order } = candidates;
  checkPacked(given, base, slots, volume.voxels.length);
  const inPlace = order === 'ras' || isRas(grid);
  const codes = inPlace ? given : copyToRas(grid, given, new Uint8Array(given.length));
  return {
    codes,
    base,
    members: memberTable(base, slots),
    counts: countTable(base, slots),
    digits: Array.from({ length: slots }, (_, slot) => digitTable(base, slot)),
    union: unionProfile(codes, grid.dims, base, slots),
  };
}

export const centreVoxel = (grid: RasGrid): Vec3 =>
  clampVoxel(grid.dims, [(grid.dims[0] - 1) / 2, (grid.dims[1] - 1) / 2, (grid.dims[2] - 1) / 2]);

export const voxelMm = (loaded: LoadedSequence, ras: Vec3): Vec3 => voxelToMm(loaded.grid.affine, ras);

export const nearestVoxel = (loaded: LoadedSequence, mm: Vec3): Vec3 =>
  clampVoxel(loaded.grid.dims, mmToVoxel(loaded.grid.affine, mm));

/** Image value (after slope and intercept) of a RAS voxel. */
export function valueAt({ image: { volume }, grid }: LoadedSequence, ras: Vec3): number {
  return (volume.voxels[storedIndex(grid, ras)] ?? Number.NaN) * volume.slope + volume.intercept;
}

export const storedVoxelOf = (loaded: LoadedSequence, ras: Vec3): Vec3 => storedVoxel(loaded.grid, ras);
