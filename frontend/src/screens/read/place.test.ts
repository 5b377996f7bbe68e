import { describe, expect, it } from 'vitest';
import type { Place } from '../../api/contract';
import { Breaks } from './breaks';
import { beyond, isFinished } from './place';
import { savedWords } from './words';

const place: Place = {
  progress: { done: 11, planned: 100, practice_done: 0, practice_planned: 0 },
  current: 'a',
  upcoming: ['b', 'c'],
  previous: 'z',
};

describe('where the reader stands', () => {
  it('is the server’s place when nothing waits', () => {
    expect(beyond(place, new Set())).toEqual(place);
  });

  it('moves past reads that are still on their way', () => {
    const { progress, current, upcoming, previous } = beyond(place, new Set(['a', 'b']));
    expect([progress.done, current, upcoming, previous]).toEqual([13, 'c', [], null]);
  });

  it('is finished only when the server has every read', () => {
    const last = { ...place, current: null, upcoming: [] };
    expect([isFinished(last, new Set(['a'])), isFinished(last, new Set()), isFinished(place, new Set())]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('breaks', () => {
  const policy = { navigation: 'forward_only', order: 'together', break_minutes: 40, break_cases: 2 } as const;
  const MINUTE = 60_000;

  it('are suggested after the minutes of the protocol, once', () => {
    const breaks = new Breaks(policy, 0);
    expect([breaks.due(39 * MINUTE), breaks.due(41 * MINUTE), breaks.due(42 * MINUTE)]).toEqual([null, 41, null]);
  });

  it('are suggested after so many cases, and not soon after a pause', () => {
    const breaks = new Breaks(policy, 0);
    breaks.finished();
    breaks.restart(MINUTE);
    breaks.finished();
    expect(breaks.due(2 * MINUTE)).toBeNull();
    breaks.finished();
    expect(breaks.due(3 * MINUTE)).toBe(2);
  });
});

describe('the words for what is safe', () => {
  const clock = (iso: string): string => iso.slice(11, 16);

  it('say where the answers are', () => {
    const saved = savedWords({ is: 'saved', at: '2026-01-01T14:02:00Z' }, 0, true, clock);
    expect(saved).toEqual({ text: 'Saved 14:02', tone: 'done' });
    expect(savedWords({ is: 'offline' }, 0, true, clock).text).toBe('Offline, kept on this computer');
    expect(savedWords(null, 2, true, clock).text).toBe('Offline, kept on this computer · 2 cases to send');
  });

  it('do not promise what this computer cannot keep', () => {
    expect(savedWords({ is: 'offline' }, 0, false, clock).text).toBe('Offline, not kept: leave this tab open');
  });
});
