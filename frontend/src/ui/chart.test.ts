import { describe, expect, it } from 'vitest';

import { csvText, tabbedText } from './chart';

describe('a chart as CSV', () => {
  it('has a heading, a line per row, and quotes where they are needed', () => {
    const spec = { title: '', note: '', options: {}, columns: ['arm', 'note', 'n'], rows: [['TE', 'a, "b"', 3], ['E1', null, 0.5]] };

    expect(csvText(spec)).toBe('arm,note,n\nTE,"a, ""b""",3\nE1,,0.5\n');
  });
});

describe('a chart on the clipboard', () => {
  it('has tabs between its cells and nothing where a number is missing', () => {
    const spec = { title: '', note: '', options: {}, columns: ['arm', 'n'], rows: [['TE', 3], ['E1', null]] };

    expect(tabbedText(spec)).toBe('arm\tn\nTE\t3\nE1\t');
  });
});
