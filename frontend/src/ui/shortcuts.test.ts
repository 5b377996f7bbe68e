import { describe, expect, it } from 'vitest';
import { AS_DELIVERED, comboOf, keymap, loadChoices, moveKey } from './shortcuts';

const table = [
  { id: 'solo', combos: ['Shift+Q'], group: 'See', label: 'Solo' },
  { id: 'hide', combos: ['Space'], group: 'See', label: 'Hide' },
  { id: 'next', combos: ['Ctrl+Enter'], group: 'Go', label: 'Next' },
];

const press = (key: string, code: string, held: Partial<KeyboardEvent> = {}): string | null =>
  comboOf({ key, code, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...held });

describe('the name of a key press', () => {
  it('goes by letter, physical digit and written punctuation', () => {
    expect(press('q', 'KeyQ')).toBe('Q');
    expect(press('!', 'Digit1', { shiftKey: true })).toBe('Shift+1');
    expect(press('&', 'Digit1')).toBe('1');
    expect(press('?', 'Slash', { shiftKey: true })).toBe('?');
    expect(press('Enter', 'Enter', { metaKey: true })).toBe('Ctrl+Enter');
    expect(press('Shift', 'ShiftLeft', { shiftKey: true })).toBeNull();
  });

  it('reads a bracket typed with AltGr as a bracket', () => {
    const graph = { ctrlKey: true, altKey: true, getModifierState: (name: string) => name === 'AltGraph' };
    expect(press('[', 'Digit8', graph)).toBe('[');
  });
});

describe('a person’s own keys', () => {
  it('refuse a key that another command has', () => {
    const moved = moveKey(table, AS_DELIVERED, 'solo', 'Space');
    expect('takenBy' in moved && moved.takenBy.id).toBe('hide');
  });

  it('work after being moved, and the old key does not', () => {
    const moved = moveKey(table, AS_DELIVERED, 'solo', 'Y');
    const map = keymap(table, 'choices' in moved ? moved.choices : AS_DELIVERED);
    expect([map.get('Y')?.id, map.get('Shift+Q')]).toEqual(['solo', undefined]);
  });

  it('leave only keys with Ctrl or Alt when single keys are off', () => {
    expect([...keymap(table, { single: false, moved: {} }).keys()]).toEqual(['Ctrl+Enter']);
  });

  it('fall back to the delivered ones when storage holds nonsense', () => {
    expect(loadChoices({ getItem: () => '{' })).toEqual(AS_DELIVERED);
  });
});
