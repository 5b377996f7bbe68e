/** One label against another: of the same volume, or of a second one on the same grid (a proposal, a former version). */
import { KernelError } from '../errors';
import { boxSize, cut, joinBoxes, labelBox } from './volume';
import type { Box, LabelVolume, Proposal } from './volume';

/** What `label` becomes: with the other's voxels too, without them, only the shared ones, or exactly the other's. */
export type BooleanOperation = 'add' | 'subtract' | 'intersect' | 'replace';

const RULES: Readonly<Record<BooleanOperation, (own: boolean, other: boolean) => boolean>> = {
  add: (own, other) => own || other,
  subtract: (own, other) => own && !other,
  intersect: (own, other) => own && other,
  replace: (_, other) => other,
};

/**
 * Combine `label` with `otherLabel` of `other`. Voxels that leave the label become 0; other labels are overwritten only
 * where the policy lets them be at commit. Null when neither is drawn. Throws `volume.grid` for different grids.
 */
export function combine(
  volume: LabelVolume,
  label: number,
  operation: BooleanOperation,
  other: LabelVolume,
  otherLabel: number,
): Proposal | null {
  checkSameGrid(volume, other);
  const box = [labelBox(volume, label), labelBox(other, otherLabel)].filter((found) => found !== null).reduce<Box | null>(
    (all, found) => (all === null ? found : joinBoxes(all, found)),
    null,
  );
  if (box === null) return null;
  const theirs = cut(other, box);
  const rule = RULES[operation];
  const values = cut(volume, box).map((value, at) => {
    const now = rule(value === label, theirs[at] === otherLabel);
    return now ? label : value === label ? 0 : value;
  });
  return { box, values };
}

/** Throws `volume.grid` unless both have the same dimensions. */
export function checkSameGrid(a: LabelVolume, b: LabelVolume): void {
  if (boxSize({ low: [0, 0, 0], high: a.dims }).every((n, axis) => n === b.dims[axis])) return;
  const [one, two] = [a.dims.join(' × '), b.dims.join(' × ')];
  throw new KernelError('volume.grid', `The segmentations have ${one} and ${two} voxels; compare two of one image.`);
}
