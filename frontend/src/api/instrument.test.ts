import { describe, expect, it } from 'vitest';
import { instrumentFrom } from './instrument';

/** As the protocol's own plain form writes the template study with a forced choice. */
const PLAIN = {
  code: 'likert_turing',
  title: 'Segmentation acceptability',
  version: '1',
  questions: [
    {
      kind: 'likert', code: 'score', wording: 'How good?', scope: 'candidate', block: 'scores', required: true,
      hint: '1 is worst', minimum: 1, maximum: 10, anchors: { '1': 'Worst' }, acceptable_at: 7,
    },
    {
      kind: 'origin6', code: 'six', wording: 'Who?', scope: 'candidate', block: 'origin', required: true, hint: '',
      labels: ['Surely x', 'Surely y'],
    },
    {
      kind: 'origin2', code: 'two', wording: 'Who?', scope: 'candidate', block: 'origin', required: true, hint: '',
      ai_label: 'Y', human_label: 'X', confidence_wording: 'How sure?', confidence_steps: 5,
    },
    { kind: 'choice', code: 'class', wording: 'Which?', scope: 'case', block: 'scores', options: [{ code: 'mb', label: 'MB' }] },
  ],
  not_assessable_reasons: [{ code: 'artefact', label: 'Artefact' }],
};

describe('an instrument in its stored form', () => {
  const { id, questions } = instrumentFrom(PLAIN);
  const byId = Object.fromEntries(questions.map((question) => [question.id, question]));

  it('keeps names, scale and anchors', () => {
    expect([id, byId['score']?.min, byId['score']?.max, byId['score']?.anchors]).toEqual([
      'likert_turing', 1, 10, { '1': 'Worst' },
    ]);
  });

  it('numbers the steps of a scale from its labels', () => {
    expect(byId['six']?.options).toEqual([{ value: 1, label: 'Surely x' }, { value: 2, label: 'Surely y' }]);
  });

  it('asks a forced choice and its confidence as two questions', () => {
    expect(byId['two']?.options).toEqual([{ value: 'human', label: 'X' }, { value: 'ai', label: 'Y' }]);
    expect(byId['two_confidence']).toMatchObject({ kind: 'likert', min: 1, max: 5, wording: 'How sure?', block: 'origin' });
  });

  it('answers a choice by its code', () => {
    expect(byId['class']?.options).toEqual([{ value: 'mb', label: 'MB' }]);
  });
});

it('reads the contract’s own names as they are', () => {
  const question = { id: 'q', kind: 'likert', scope: 'case', block: 'case', wording: 'w', required: false, min: 0, max: 5 };
  const { questions } = instrumentFrom({ id: 'i', version: 2, questions: [question] });
  expect(questions[0]).toMatchObject(question);
});
