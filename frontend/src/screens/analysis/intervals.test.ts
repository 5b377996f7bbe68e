import { describe, expect, it } from 'vitest';

import { agreementOf, forest, heat, intervalText, type IntervalData, isSummary, logTicks } from './intervals';

const rows = [
  { model: 'TE', scope: 'R1', estimate: 1.5, low: 0.8, high: 2.9 },
  { model: 'TE', scope: 'mean of readers', estimate: 1.25, low: 1.01, high: 1.6 },
  { model: 'TE', scope: 'R2', estimate: null, low: null, high: null },
];
const data: IntervalData = { title: 'T', axis: 'A', note: 'N', neutral: 1, logarithmic: true, margins: [], rows };

describe('a forest plot', () => {
  it('has the table below it as its numbers, unrounded', () => {
    expect(forest(data, 900).rows).toEqual(rows.map((row) => [row.model, row.scope, row.estimate, row.low, row.high]));
  });

  it('writes estimate and interval as a journal does, and a dash where there is none', () => {
    expect(rows.map(intervalText)).toEqual(['1.50 (0.80 to 2.90)', '1.25 (1.01 to 1.60)', '–']);
    expect(intervalText({ model: '', scope: '', estimate: -0.1, low: -0.25, high: 0.05 })).toBe('−0.10 (−0.25 to 0.05)');
  });

  it('puts what sums readers up below them', () => {
    expect(rows.map(isSummary)).toEqual([false, true, false]);
    expect((forest(data, 900).options.y as { domain: string[] }).domain).toEqual(['R1', 'R2', 'mean of readers']);
  });

  it('has round ticks about what it draws', () => {
    expect(logTicks(rows)).toEqual([0.5, 1, 2, 5]);
  });
});

describe('a heat map', () => {
  const cell = { source: 'E1', reference: 'TE', median: 0.8, low: 0.7, high: 0.9, n: 4 };

  it('has every cell in its numbers, empty ones too', () => {
    const empty = { ...cell, source: 'TE', reference: 'E1', median: null, low: null, high: null, n: 0 };
    const told = heat({ title: 'T', unit: '', formula: '', sources: ['E1', 'TE'], better: 'high', cells: [cell, empty] }, 900);

    expect(told.rows).toEqual([['E1', 'TE', 0.8, 0.7, 0.9, 4], ['TE', 'E1', null, null, null, 0]]);
  });

  it('is darkest where sources agree best, whatever way the measure points', () => {
    expect([0.5, 0.9].map(agreementOf('high', [0.5, 0.9]))).toEqual([0, 1]);
    expect([1, 5].map(agreementOf('low', [1, 5]))).toEqual([1, 0]);
    expect([-0.4, 0.1].map(agreementOf('zero', [-0.4, 0.1]))).toEqual([0, 1]);
  });
});
