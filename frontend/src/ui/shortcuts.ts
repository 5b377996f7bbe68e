/**
 * One table of keys per page: it drives the keyboard, the help dialog and the tooltips, so they cannot disagree.
 *
 * A combo is text such as `Q`, `Shift+Q`, `Ctrl+Enter`, `Space`, `?` or `3`. Letters go by the character, digits by
 * the physical key (so Shift+1 is Shift+1 on every keyboard). Each person may move a key, or switch off all keys that
 * need no Ctrl or Alt (WCAG 2.1.4); both choices stay in this browser.
 */

export interface Shortcut {
  readonly id: string;
  readonly combos: readonly string[];
  readonly group: string;
  readonly label: string;
  /** Fires again while held down. */
  readonly repeats?: boolean;
  /** Members of a family are listed as one line, under the first member's `family`, and are not moved singly. */
  readonly family?: { readonly label: string; readonly keys: string };
}

export interface KeyChoices {
  /** Keys without Ctrl, Alt or Command work. */
  readonly single: boolean;
  readonly moved: Readonly<Record<string, readonly string[]>>;
}

export const AS_DELIVERED: KeyChoices = { single: true, moved: {} };

type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey'> & {
  getModifierState?(modifier: string): boolean;
};

const NAMED: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  Escape: 'Esc',
};

/** The combo of a key press; null for a modifier alone. */
export function comboOf(event: KeyPress): string | null {
  if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Unidentified'].includes(event.key)) return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const graph = event.getModifierState?.('AltGraph') ?? false;
  const key = digit !== undefined && !graph ? digit : (NAMED[event.key] ?? capital(event.key));
  // Punctuation already is what Shift or AltGr made of the key.
  const shifted = event.shiftKey && (key.length > 1 || /[\p{L}\d]/u.test(key));
  const parts = [
    (event.ctrlKey || event.metaKey) && !graph ? 'Ctrl' : '',
    event.altKey && !graph ? 'Alt' : '',
    shifted ? 'Shift' : '',
    key,
  ];
  return parts.filter(Boolean).join('+');
}

const capital = (key: string): string => (key.length === 1 ? key.toUpperCase() : key);

export const needsNoModifier = (combo: string): boolean => !/^(Ctrl|Alt)\+/.test(combo) && combo !== 'Esc';

export const combosOf = (shortcut: Shortcut, choices: KeyChoices): readonly string[] =>
  choices.moved[shortcut.id] ?? shortcut.combos;

/** Shortcut by combo, as the person has set it. */
export function keymap(table: readonly Shortcut[], choices: KeyChoices): ReadonlyMap<string, Shortcut> {
  const map = new Map<string, Shortcut>();
  for (const shortcut of table)
    for (const combo of combosOf(shortcut, choices))
      if (choices.single || !needsNoModifier(combo)) map.set(combo, shortcut);
  return map;
}

export type Moved = { readonly choices: KeyChoices } | { readonly takenBy: Shortcut };

/** Give a shortcut another key, unless another shortcut has it. */
export function moveKey(table: readonly Shortcut[], choices: KeyChoices, id: string, combo: string): Moved {
  const taken = keymap(table, { ...choices, single: true }).get(combo);
  if (taken && taken.id !== id) return { takenBy: taken };
  return { choices: { ...choices, moved: { ...choices.moved, [id]: [combo] } } };
}

const STORED = 'blindread.keys';

export function loadChoices(storage: Pick<Storage, 'getItem'> | null): KeyChoices {
  try {
    const stored = JSON.parse(storage?.getItem(STORED) ?? '{}') as Partial<KeyChoices>;
    return { single: stored.single ?? true, moved: stored.moved ?? {} };
  } catch {
    return AS_DELIVERED;
  }
}

export function saveChoices(storage: Pick<Storage, 'setItem'> | null, choices: KeyChoices): void {
  try {
    storage?.setItem(STORED, JSON.stringify(choices));
  } catch {
    // Storage denied: the choice then lasts as long as the page.
  }
}

/** `Solo A (Shift+Q)`: a button's tooltip from the table. */
export function withKey(text: string, shortcut: Shortcut | undefined, choices: KeyChoices): string {
  const [combo] = shortcut ? combosOf(shortcut, choices) : [];
  return combo ? `${text} (${combo})` : text;
}
