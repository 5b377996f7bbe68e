/** Voxels and volumes of the labels, kept up to date edit by edit; and how two versions differ. */
import { checkSameGrid } from './boolean';
import { walkEdit, commit } from './edit';
import type { Edit } from './edit';
import { voxelMm3, wholeBox } from './volume';
import type { Box, LabelVolume } from './volume';

/** Live counts: one pass over the volume at the start, then only what an edit changed. */
export class LabelCounts {
  private readonly voxels = new Float64Array(256);
  private readonly voxelMl: number;

  constructor(private readonly volume: LabelVolume) {
    for (const label of volume.labels) this.voxels[label] = (this.voxels[label] as number) + 1;
    this.voxelMl = voxelMm3(volume) / 1000;
  }

  /** Take an edit into account: +1 when it was drawn, −1 when it was taken back. */
  update(edit: Edit, direction: 1 | -1): void {
    walkEdit(edit, this.volume.dims, (_, length, old, now) => {
      this.voxels[old] = (this.voxels[old] as number) - direction * length;
      this.voxels[now] = (this.voxels[now] as number) + direction * length;
    });
  }

  /** Number of voxels with a label (0 is background). */
  count(label: number): number {
    return this.voxels[label] ?? 0;
  }

  /** Volume in mL of one label, or of several together (a derived region such as the whole tumour). */
  millilitres(...labels: readonly number[]): number {
    return labels.reduce((sum, label) => sum + this.count(label), 0) * this.voxelMl;
  }
}

/** How two versions of a segmentation differ. `added` and `removed` are voxel counts by label. */
export interface VersionDifference {
  readonly voxels: number;
  readonly box: Box | null;
  readonly added: ReadonlyMap<number, number>;
  readonly removed: ReadonlyMap<number, number>;
  /** The edit that turns the first version into the second; null when they are equal. */
  readonly edit: Edit | null;
}

/** Compare two versions voxel by voxel. Throws `volume.grid` for different grids. */
export function difference(from: LabelVolume, to: LabelVolume): VersionDifference {
  checkSameGrid(from, to);
  const edit = commit(from, { box: wholeBox(to.dims), values: to.labels }, new Uint8Array(256).fill(1), 'difference');
  const [added, removed] = [new Map<number, number>(), new Map<number, number>()];
  if (edit === null) return { voxels: 0, box: null, added, removed, edit };
  walkEdit(edit, from.dims, (_, length, old, now) => {
    if (now > 0) added.set(now, (added.get(now) ?? 0) + length);
    if (old > 0) removed.set(old, (removed.get(old) ?? 0) + length);
  });
  return { voxels: edit.voxels, box: edit.box, added, removed, edit };
}
