import { describe, expect, it } from 'vitest';
import { batchOf, tidy } from './folder';

const file = (path: string, size = 10, lastModified = 1): { path: string; size: number; file: { lastModified: number } } => ({
  path,
  size,
  file: { lastModified },
});

describe('a dropped folder', () => {
  it('loses the litter of operating systems and keeps its order', () => {
    const found = tidy([
      file('b/T2.nii'),
      file('b/.DS_Store'),
      file('__MACOSX/b/._T2.nii'),
      file('a/Thumbs.db'),
      file('a/T2.nii'),
    ]);

    expect(found.map(({ path }) => path)).toEqual(['a/T2.nii', 'b/T2.nii']);
  });

  it('has the same batch whenever the same person drops the same files', async () => {
    const first = await batchOf('d1', 'p1', [file('a'), file('b')]);

    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(await batchOf('d1', 'p1', [file('a'), file('b')])).toBe(first);
  });

  it.each([
    ['another dataset', 'd2', 'p1', [file('a')]],
    ['another person', 'd1', 'p2', [file('a')]],
    ['another size', 'd1', 'p1', [file('a', 11)]],
    ['a newer file', 'd1', 'p1', [file('a', 10, 2)]],
    ['another name', 'd1', 'p1', [file('b')]],
  ])('has another batch for %s', async (_what, dataset, person, files) => {
    expect(await batchOf(dataset, person, files)).not.toBe(await batchOf('d1', 'p1', [file('a')]));
  });
});
