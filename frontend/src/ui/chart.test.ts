import { describe, expect, it } from 'vitest';

import { csvText } from './chart';

describe('a chart as CSV', () => {
  it('has a heading, a line per row, and quotes where they are needed', () => {
    const spec = { title: '', note: '', options: {}, columns: ['arm', 'note', 'n'], rows: [['TE', 'a, "b"', 3], ['E1', null, 0.5]] };

    expect(csvText(spec)).toBe('arm,note,n\nTE,"a, ""b""",3\nE1,,0.5\n');
  });
});
