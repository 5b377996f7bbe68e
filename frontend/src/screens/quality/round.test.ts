import { describe, expect, it } from 'vitest';
import { Round } from './round';
import type { QualityCase, Verdict } from './round';

const one = (code: string, verdict: Verdict = ''): QualityCase => ({
  code, name: code, subject: code, site: '', role: '', sequences: [], warnings: [], verdict, reason: '', data: '', decide: '', page: '',
});

describe('a round of quality control', () => {
  it('begins at the first undecided case, or at the one named', () => {
    const cases = [one('a', 'include'), one('b'), one('c')];

    expect(new Round(cases).current.code).toBe('b');
    expect(new Round(cases, 'c').current.code).toBe('c');
    expect(new Round([one('a', 'include')]).current.code).toBe('a');
  });

  it('steps over decided cases when only undecided ones are wanted', () => {
    const round = new Round([one('a'), one('b', 'exclude'), one('c')]);
    expect(round.neighbour(1).code).toBe('b');

    round.onlyUndecided = true;

    expect(round.neighbour(1).code).toBe('c');
    round.goTo('c');
    expect(round.neighbour(1).code).toBe('c');
    expect(round.neighbour(-1).code).toBe('a');
  });

  it('counts what was decided', () => {
    const round = new Round([one('a'), one('b', 'query'), one('c')]);

    round.decided('a', { verdict: 'include', reason: '' });
    round.decided('c', { verdict: 'exclude', reason: 'motion' });

    expect(round.counts).toEqual({ cases: 3, assessed: 3, include: 1, exclude: 1, query: 1 });
  });

  it('takes decisions back, the newest first, and returns to their case', () => {
    const round = new Round([one('a'), one('b')]);
    round.decided('a', { verdict: 'include', reason: '' });
    round.decided('a', { verdict: 'exclude', reason: 'motion' });
    round.goTo('b');
    expect(round.last).toEqual({ code: 'a', verdict: 'include', reason: '' });

    round.takenBack();
    expect(round.decisionOf('a').verdict).toBe('include');
    expect(round.current.code).toBe('a');

    round.takenBack();
    expect(round.decisionOf('a').verdict).toBe('');
    expect(round.canUndo).toBe(false);
  });
});
