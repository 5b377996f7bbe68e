import { describe, expect, it } from 'vitest';
import { AS_DELIVERED, keymap } from '../../ui/shortcuts';
import { KEYS, labelsFor } from './keys';

describe('the table of keys', () => {
  it('gives no key to two commands', () => {
    const combos = KEYS.flatMap((shortcut) => shortcut.combos);
    expect(combos.filter((combo, at) => combos.indexOf(combo) !== at)).toEqual([]);
    expect(keymap(KEYS, AS_DELIVERED).size).toBe(combos.length);
  });

  it('names every command once', () => {
    const ids = KEYS.map((shortcut) => shortcut.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('leaves alone what browsers and screen readers need', () => {
    const needed = ['Tab', 'Enter', 'Left', 'Right', 'Ctrl+C', 'Ctrl+V', 'Ctrl+F', 'Ctrl+R', 'Ctrl+W', 'F5'];
    expect(KEYS.flatMap((shortcut) => shortcut.combos).filter((combo) => needed.includes(combo))).toEqual([]);
  });

  it('takes the words of a two-sided question from the instrument', () => {
    const options = ['very x', 'x', 'y', 'very y'].map((label, value) => ({ value, label }));
    const question = { id: 'q', kind: 'origin6', scope: 'candidate', block: 'origin', wording: '', required: true, options } as const;
    expect(Object.fromEntries(labelsFor([question]))).toEqual({
      'side.first': 'x, then very x',
      'side.last': 'y, then very y',
    });
  });
});
