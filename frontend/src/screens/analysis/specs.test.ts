import { describe, expect, it } from 'vitest';

import { spread, stepColour } from './specs';

const point = (score: number, name = 'C1'): { reader: string; arm: string; case: string; score: number } => ({
  reader: 'R1',
  arm: 'TE',
  case: name,
  score,
});

describe('points that share a place', () => {
  it('stand side by side about the middle', () => {
    const drawn = spread([point(7, 'C1'), point(7, 'C2'), point(7, 'C3')]);

    expect(drawn.map(({ dx }) => dx)).toEqual([-1, 0, 1]);
  });

  it('keep their score, and a lone point its place', () => {
    const drawn = spread([point(3), point(9)]);

    expect(drawn.map(({ score, dx }) => [score, dx])).toEqual([[3, 0], [9, 0]]);
  });
});

describe('the colour of a score', () => {
  it('changes its hue at the threshold of acceptability', () => {
    expect(stepColour(6, 7)).toMatch(/^hsl\(30 /);
    expect(stepColour(7, 7)).toMatch(/^hsl\(204 /);
  });

  it('darkens towards the best score', () => {
    const light = [7, 8, 9, 10].map((score) => Number(/([\d.]+)%\)$/.exec(stepColour(score, 7))?.[1]));

    expect(light).toEqual([...light].sort((a, b) => b - a));
  });
});
