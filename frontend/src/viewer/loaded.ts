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

export interface LoadedSequence {
  readonly image: SequenceImage;
  readonly grid: RasGrid;
  readonly presets: WindowPresets;
  readonly masks: LoadedMasks | null;
}

/** Prepare a sequence; `packing.*` when its masks do not fit its grid or the slots. */
export function loadSequence(image: SequenceImage, slots: number): LoadedSequence {
  const grid = gridOf(image.volume);
  return { image, grid, presets: windowPresets(image.volume), masks: loadMasks(image, grid, slots) };
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
