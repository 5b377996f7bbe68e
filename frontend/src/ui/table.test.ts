import { describe, expect, it } from 'vitest';
import { compareCells, type Direction } from './table';

const sorted = (cells: string[], direction: Direction): string[] =>
  [...cells].sort((a, b) => compareCells(a, b, direction));

describe('compareCells', () => {
  it('orders numbers by size, not by their digits', () => {
    expect(sorted(['10', '9', '−2.5', '1,200'], 'ascending')).toEqual(['−2.5', '9', '10', '1,200']);
  });

  it('orders shares by size', () => {
    expect(sorted(['9 %', '100 %', '12 %'], 'descending')).toEqual(['100 %', '12 %', '9 %']);
  });

  it('orders codes as people count', () => {
    expect(sorted(['R10', 'R2', 'R1'], 'ascending')).toEqual(['R1', 'R2', 'R10']);
  });

  it('keeps empty cells last in both directions', () => {
    expect(sorted(['', '3', '–', '1'], 'ascending').slice(0, 2)).toEqual(['1', '3']);
    expect(sorted(['', '3', '–', '1'], 'descending').slice(0, 2)).toEqual(['3', '1']);
  });
});
