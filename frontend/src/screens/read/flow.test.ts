import { describe, expect, it } from 'vitest';
import type { FlowEvent } from './flow';
import { START, after, allows, mayAnswer } from './flow';

const walk = (...events: FlowEvent[]): string => events.reduce(after, START).phase;

describe('the states of a read', () => {
  it('run from loading to the next case', () => {
    expect(walk('loaded', 'answered', 'answered', 'submitted', 'kept', 'opening')).toBe('loading');
  });

  it('take one submit, however often it is pressed', () => {
    const saving = ['loaded', 'answered', 'submitted'].reduce((flow, event) => after(flow, event as FlowEvent), START);
    expect([allows(saving, 'submitted'), after(saving, 'submitted')]).toEqual([false, saving]);
  });

  it('return to answering when the server refuses', () => {
    expect(walk('loaded', 'submitted', 'refused')).toBe('answering');
  });

  it('wait when the next case cannot come, and go on when it can', () => {
    expect(walk('loaded', 'submitted', 'kept', 'stalled')).toBe('waiting');
    expect(walk('loaded', 'submitted', 'kept', 'stalled', 'opening', 'loaded')).toBe('ready');
  });

  it('allow no answer before an image is shown, nor while paused, looking on or signed out', () => {
    const ready = after(START, 'loaded');
    const held = [{ paused: true }, { readOnly: true }, { sessionEnded: true }].map((flag) => ({ ...ready, ...flag }));
    expect([START, ready, ...held].map(mayAnswer)).toEqual([false, true, false, false, false]);
  });
});
