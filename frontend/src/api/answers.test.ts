import { expect, it } from 'vitest';
import { fromWire, toWire } from './answers';
import type { Answer, Question } from './contract';
import { instrumentFrom } from './instrument';

const { questions } = instrumentFrom({
  code: 'i',
  version: '1',
  questions: [
    { kind: 'likert', code: 'score', wording: '', minimum: 1, maximum: 10 },
    { kind: 'origin2', code: 'guess', wording: '', block: 'origin', confidence_steps: 5 },
    { kind: 'text', code: 'remark', wording: '', scope: 'case' },
  ],
});

const ANSWERS: readonly Answer[] = [
  { slot: 'A', question: 'score', value: 8 },
  { slot: 'A', question: 'guess', value: 'x' },
  { slot: 'A', question: 'guess_confidence', value: 3 },
  { slot: null, question: 'remark', value: 'streaks' },
];

it('travel by slot and code, a forced choice with its confidence as one', () => {
  const wire = toWire(questions, ANSWERS);
  expect(wire).toEqual({
    candidates: { A: { score: 8, guess: { origin: 'x', confidence: 3 } } },
    case: { remark: 'streaks' },
  });
  expect(fromWire(wire)).toEqual(ANSWERS);
});

it('are none when the case was not assessable', () => {
  expect(fromWire({ not_assessable: { reason: 'artefact', comment: '' } })).toEqual([]);
});

it('leave a scale whose name only sounds like a confidence alone', () => {
  const plain = [{ id: 'own_confidence', kind: 'likert', scope: 'candidate', block: 'scores', wording: '', required: true }];
  expect(toWire(plain as readonly Question[], [{ slot: 'B', question: 'own_confidence', value: 2 }])).toEqual({
    candidates: { B: { own_confidence: 2 } },
    case: {},
  });
});
