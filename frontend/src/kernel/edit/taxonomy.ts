/** Names, colours and locks of the labels, and which voxels a tool may change. */
import { KernelError } from '../errors';
import type { Rgb } from '../types';

/** One label of a study's map: value 1 to 255, its colour, and how it is treated on the screen. */
export interface Label {
  readonly value: number;
  readonly name: string;
  readonly colour: Rgb;
  readonly visible: boolean;
  readonly locked: boolean;
}

export type Taxonomy = readonly Label[];

/**
 * What a tool may draw over: every label, background only, one label (and background stays as it is), or every label
 * that is not locked. A locked label is protected under every policy.
 */
export type OverwritePolicy =
  | { readonly over: 'all' }
  | { readonly over: 'background' }
  | { readonly over: 'label'; readonly label: number }
  | { readonly over: 'unlocked' };

/** 256 entries: 1 where a voxel that now has this value may be changed. */
export type Writable = Uint8Array;

/** Throws `taxonomy.value` for values outside 1–255 or used twice. */
export function checkTaxonomy(taxonomy: Taxonomy): Taxonomy {
  const seen = new Set<number>();
  for (const { value, name } of taxonomy) {
    if (!Number.isInteger(value) || value < 1 || value > 255 || seen.has(value)) {
      throw new KernelError('taxonomy.value', `Label ${name} has the value ${value}; use each of 1 to 255 once.`);
    }
    seen.add(value);
  }
  return taxonomy;
}

/** The label map with one label changed; unknown values leave it as it is. */
export function withLabel(taxonomy: Taxonomy, value: number, change: Partial<Omit<Label, 'value'>>): Taxonomy {
  return taxonomy.map((label) => (label.value === value ? { ...label, ...change } : label));
}

/** Voxels a drawing tool may change. Values that the map does not know count as unlocked labels. */
export function writable(taxonomy: Taxonomy, policy: OverwritePolicy): Writable {
  const table = new Uint8Array(256);
  if (policy.over === 'background') table[0] = 1;
  else if (policy.over === 'label') table[policy.label] = 1;
  else table.fill(1);
  return withoutLocked(table, taxonomy);
}

/** Voxels the eraser may change: one label, or every label; locked ones never. */
export function erasable(taxonomy: Taxonomy, label: number | 'any'): Writable {
  const table = new Uint8Array(256);
  if (label === 'any') table.fill(1, 1);
  else table[label] = 1;
  return withoutLocked(table, taxonomy);
}

/** A table that also lets the tool change its own label (smoothing and shrinking take voxels away). */
export function andLabel(table: Writable, taxonomy: Taxonomy, label: number): Writable {
  const own = table.slice();
  own[label] = 1;
  return withoutLocked(own, taxonomy);
}

function withoutLocked(table: Writable, taxonomy: Taxonomy): Writable {
  for (const label of taxonomy) if (label.locked) table[label.value] = 0;
  return table;
}
