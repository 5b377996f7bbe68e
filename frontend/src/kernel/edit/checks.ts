/** What is looked at before a segmentation is submitted; each finding says where to jump. */
import { PLANE_AXES } from '../planes';
import type { Plane, Vec3 } from '../types';
import { drawnSlices } from './slices';
import { listHoles, listIslands } from './islands';
import type { Island } from './islands';
import { labelBox, voxelAt } from './volume';
import type { LabelVolume } from './volume';

export type CheckCode = 'label.empty' | 'label.island' | 'label.hole' | 'slice.skipped' | 'label.outside';

export interface CheckRules {
  /** Labels of the map. */
  readonly labels: readonly number[];
  /** Labels that must be drawn. */
  readonly required: readonly number[];
  /** Islands smaller than this are reported, in mm³ (the largest part of a label never is). */
  readonly islandMm3: number;
  /** The plane in which slices are drawn. */
  readonly plane: Plane;
  /** 1 inside the brain, RAS order; without it nothing is outside. */
  readonly brain?: Uint8Array;
}

/** One remark: its code, label, size, and a voxel of it (null when there is nothing to jump to). */
export interface Finding {
  readonly code: CheckCode;
  readonly label: number;
  /** Voxels of the island or hole, voxels outside the brain, or number of slices left out in a row; 0 for an empty label. */
  readonly size: number;
  readonly at: Vec3 | null;
}

/** All findings, label by label; which of them block is the protocol's business. */
export function checkBeforeSubmit(volume: LabelVolume, rules: CheckRules): readonly Finding[] {
  return rules.labels.flatMap((label) => {
    if (labelBox(volume, label) === null) return rules.required.includes(label) ? [empty(label)] : [];
    return [
      ...islands(volume, label, rules.islandMm3),
      ...listHoles(volume, label).map((hole) => finding('label.hole', label, hole)),
      ...skipped(volume, label, rules.plane),
      ...outside(volume, label, rules.brain),
    ];
  });
}

const empty = (label: number): Finding => ({ code: 'label.empty', label, size: 0, at: null });
const finding = (code: CheckCode, label: number, { voxels, at }: Island): Finding => ({ code, label, size: voxels, at });

function islands(volume: LabelVolume, label: number, mm3: number): Finding[] {
  const small = listIslands(volume, label, 26).slice(1).filter((island) => island.mm3 < mm3);
  return small.map((island) => finding('label.island', label, island));
}

function skipped(volume: LabelVolume, label: number, plane: Plane): Finding[] {
  const drawn = drawnSlices(volume, plane, label);
  const middle = labelBox(volume, label)?.low ?? ([0, 0, 0] as const);
  return drawn.slice(1).flatMap((slice, at) => {
    const missing = slice - (drawn[at] as number) - 1;
    const jump = middle.map((v, axis) => (axis === PLANE_AXES[plane].n ? slice - missing : v)) as unknown as Vec3;
    return missing > 0 ? [{ code: 'slice.skipped', label, size: missing, at: jump } as const] : [];
  });
}

function outside(volume: LabelVolume, label: number, brain: Uint8Array | undefined): Finding[] {
  if (brain === undefined) return [];
  let [count, first] = [0, -1];
  for (let at = volume.labels.indexOf(label); at >= 0; at = volume.labels.indexOf(label, at + 1)) {
    if (brain[at] === 1) continue;
    count += 1;
    if (first < 0) first = at;
  }
  return count > 0 ? [{ code: 'label.outside', label, size: count, at: voxelAt(volume.dims, first) }] : [];
}
