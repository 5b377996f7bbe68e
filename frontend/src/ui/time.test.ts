import { describe, expect, it } from 'vitest';
import { absolute, relative } from './time';

const NOW = new Date('2026-03-01T12:00:00Z');
const at = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

describe('relative', () => {
  it.each([
    [-10, 'just now'],
    [44, 'just now'],
    [-60, '1 min ago'],
    [-59 * 60, '59 min ago'],
    [-3600, '1 h ago'],
    [7200, 'in 2 h'],
    [-23 * 3600, '23 h ago'],
  ])('says %i seconds as a person would', (seconds, said) => {
    expect(relative(at(seconds), NOW)).toBe(said);
  });

  it('gives the date after a day', () => {
    expect(relative(at(-86400), NOW, 'en-GB', 'UTC')).toBe('28 Feb 2026, 12:00');
  });
});

describe('absolute', () => {
  it('follows the zone over midnight', () => {
    expect(absolute(new Date('2026-07-01T22:05:00Z'), 'en-GB', 'Europe/Berlin')).toBe('2 Jul 2026, 00:05');
  });
});
