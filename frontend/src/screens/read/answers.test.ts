import { describe, expect, it } from 'vitest';
import type { Instrument, Question } from '../../api/contract';
import * as answers from './answers';

const score: Question = {
  id: 'score', kind: 'likert', scope: 'candidate', block: 'scores', wording: 'How good?', required: true,
  min: 1, max: 10, anchors: { '1': 'worst', '10': 'perfect' }, acceptable_at: 7,
};
const second: Question = {
  id: 'guess', kind: 'origin6', scope: 'candidate', block: 'origin', wording: 'Who?', required: true,
  options: [1, 2, 3, 4, 5, 6].map((value) => ({ value, label: `step ${value}` })),
};
const remark: Question = {
  id: 'remark', kind: 'text', scope: 'case', block: 'case', wording: 'Remarks', required: false, max_length: 20,
};
const instrument: Instrument = { id: 'i', version: '1', questions: [score, second, remark], not_assessable_reasons: [] };
const start = (): answers.AnswerState => answers.begin(instrument, ['A', 'B', 'C'], 'scores_then_origin');

const all = (state: answers.AnswerState, question: string, value: number): answers.AnswerState =>
  ['A', 'B', 'C'].reduce((so, slot) => answers.answer(so, `${slot}/${question}`, value).state, state);

describe('scores before the second block', () => {
  it('moves from slot to slot as scores are given', () => {
    const first = answers.answer(start(), 'A/score', 8).state;
    const next = answers.answer(first, 'B/score', 3).state;
    expect([answers.activeSlot(start()), answers.activeSlot(first), answers.activeSlot(next)]).toEqual(['A', 'B', 'C']);
  });

  it('wraps to the slot that was skipped', () => {
    const skipped = answers.activate(start(), 'B');
    const b = answers.answer(skipped, 'B/score', 5).state;
    const c = answers.answer(b, 'C/score', 5).state;
    expect(answers.activeSlot(c)).toBe('A');
  });

  it('refuses the second block until every score is given, and points at the missing one', () => {
    const partly = answers.answer(start(), 'A/score', 8).state;
    const outcome = answers.openSecond(partly);
    expect([outcome.refused, outcome.state.opened, outcome.state.cursor]).toEqual(['scores_missing', false, 'B/score']);
    expect(answers.answer(partly, 'A/guess', 1).refused).toBe('not_open');
  });

  it('locks the scores once the second block is open', () => {
    const open = answers.openSecond(all(start(), 'score', 7)).state;
    const late = answers.answer(open, 'A/score', 1);
    expect([late.refused, late.state.values['A/score']]).toEqual(['locked', 7]);
    expect(open.cursor).toBe('A/guess');
  });

  it('asks everything at once when the protocol says together', () => {
    const together = answers.begin(instrument, ['A'], 'together');
    expect(answers.answer(together, 'A/guess', 2).refused).toBeNull();
  });

  it('locks nothing in a correction', () => {
    const state = answers.begin(instrument, ['A'], 'scores_then_origin', { correction: true });
    const loaded = answers.fromSubmitted(state, [{ slot: 'A', question: 'score', value: 4 }]);
    const corrected = answers.answer(loaded, 'A/score', 9);
    expect([corrected.refused, corrected.state.values['A/score']]).toEqual([null, 9]);
  });
});

describe('what counts as an answer', () => {
  it.each([0, 11, 7.5, '7', true, Number.NaN])('refuses %s on a scale of 1 to 10', (value) => {
    const outcome = answers.answer(start(), 'A/score', value);
    expect([outcome.refused, outcome.state.values]).toEqual(['out_of_range', {}]);
  });

  it('is complete when every required field has one, and not before', () => {
    const scored = answers.openSecond(all(start(), 'score', 5)).state;
    expect(answers.missingIn(scored).map((field) => field.id)).toEqual(['A/guess', 'B/guess', 'C/guess']);
    expect(answers.isComplete(all(scored, 'guess', 6))).toBe(true);
  });

  it('forgets an emptied text', () => {
    const written = answers.answer(start(), '/remark', 'hm', false).state;
    expect(answers.answer(written, '/remark', '', false).state.values).toEqual({});
  });
});

describe('the two-sided scale', () => {
  const press = (from: number | null, side: 'first' | 'last'): unknown => answers.towards(second, from, side);

  it('starts at the least certain step and grows more certain, then stays', () => {
    expect([press(null, 'first'), press(3, 'first'), press(2, 'first'), press(1, 'first')]).toEqual([3, 2, 1, 1]);
    expect([press(null, 'last'), press(4, 'last'), press(5, 'last'), press(6, 'last')]).toEqual([4, 5, 6, 6]);
  });

  it('changes side at the least certain step', () => {
    expect([press(1, 'last'), press(6, 'first')]).toEqual([4, 3]);
  });

  it('answers a forced choice with one press', () => {
    const forced = { ...second, kind: 'origin2' as const, options: [{ value: 'x', label: '' }, { value: 'y', label: '' }] };
    expect([answers.towards(forced, null, 'first'), answers.towards(forced, 'x', 'last')]).toEqual(['x', 'y']);
  });
});

it('finds the fields that the server’s pointers name', () => {
  const found = answers.fieldsAt(start(), ['/candidates/B/score', '/case/remark', '/not_assessable/reason']);
  expect(found.map((field) => field.id)).toEqual(['B/score', '/remark']);
});

it('keeps the mark on what keys answer while a remark is typed', () => {
  const scored = answers.answer(start(), 'A/score', 8).state;
  const typed = answers.answer(scored, '/remark', 'hm').state;
  expect([typed.cursor, typed.values['/remark'], answers.activate(typed, 'A').cursor]).toEqual(['B/score', 'hm', 'A/score']);
});

describe('undo', () => {
  it('takes back the last answer and returns to it', () => {
    const twice = answers.answer(answers.answer(start(), 'A/score', 8).state, 'A/score', 2).state;
    const once = answers.undo(twice);
    expect([once.state.values['A/score'], once.state.cursor]).toEqual([8, 'A/score']);
    expect(answers.undo(once.state).state.values).toEqual({});
  });

  it('never reaches behind the lock', () => {
    const open = answers.openSecond(all(start(), 'score', 7)).state;
    expect(answers.undo(open).refused).toBe('locked');
  });

  it('says when nothing is left', () => {
    expect(answers.undo(start()).refused).toBe('nothing_to_undo');
  });
});

describe('a stored state', () => {
  it('comes back as it was, through JSON', () => {
    const before = answers.answer(answers.openSecond(all(start(), 'score', 7)).state, '/remark', 'streaks').state;
    const stored = JSON.parse(JSON.stringify(answers.toStored(before))) as answers.StoredAnswers;
    expect(answers.restore(start(), stored)).toEqual(before);
  });

  it('leaves out what the instrument does not know', () => {
    const stored = { values: { 'A/score': 99, 'Z/score': 3, 'B/score': 4 }, opened: false };
    expect(answers.restore(start(), stored).values).toEqual({ 'B/score': 4 });
  });
});
