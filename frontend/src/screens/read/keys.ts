/** Every key of the reading screen, in one table; the labels of the two-sided question come with the instrument. */
import type { Question } from '../../api/contract';
import type { Shortcut } from '../../ui/shortcuts';
import { choices } from './answers';

const SLOT_KEYS = ['Q', 'W', 'E'] as const;
const LETTERS = ['A', 'B', 'C'] as const;

const digits: readonly Shortcut[] = Array.from({ length: 9 }, (_, at) => ({
  id: `score.${at + 1}`,
  combos: [String(at + 1)],
  group: 'Answer',
  label: `${at + 1} for the marked question`,
  family: { label: '1 to 9 for the marked question', keys: '1 – 9' },
}));

const answering: readonly Shortcut[] = [
  ...digits,
  { id: 'score.10', combos: ['T'], group: 'Answer', label: '10 for the marked question' },
  { id: 'score.0', combos: ['0'], group: 'Answer', label: '10, after a second press' },
  { id: 'side.first', combos: ['H'], group: 'Answer', label: 'Towards the left end; press again for more certain' },
  { id: 'side.last', combos: ['A'], group: 'Answer', label: 'Towards the right end; press again for more certain' },
  { id: 'step.lower', combos: [','], group: 'Answer', label: 'Confidence: one step lower' },
  { id: 'step.higher', combos: ['.'], group: 'Answer', label: 'Confidence: one step higher' },
  { id: 'answer.yes', combos: ['Y'], group: 'Answer', label: 'Yes to the marked question' },
  { id: 'answer.no', combos: ['N'], group: 'Answer', label: 'No to the marked question' },
  { id: 'jump', combos: ['J'], group: 'Answer', label: 'Jump to the next unanswered question' },
  { id: 'comment', combos: ['C'], group: 'Answer', label: 'Write a comment (Esc returns to the image)' },
  { id: 'undo', combos: ['Ctrl+Z'], group: 'Answer', label: 'Undo the last answer' },
  { id: 'next', combos: ['Ctrl+Enter'], group: 'Answer', label: 'Go on: open the second question, then submit' },
];

const slots: readonly Shortcut[] = SLOT_KEYS.flatMap((key, at) => [
  { id: `toggle.${at}`, combos: [key], group: 'Candidates', label: `Show or hide ${LETTERS[at]}` },
  { id: `solo.${at}`, combos: [`Shift+${key}`], group: 'Candidates', label: `Only ${LETTERS[at]}; again for all` },
  { id: `active.${at}`, combos: [`Alt+${key}`], group: 'Candidates', label: `Mark ${LETTERS[at]}` },
]);

const comparing: readonly Shortcut[] = [
  { id: 'overlays', combos: ['S'], group: 'Compare', label: 'All overlays on or off' },
  { id: 'hold', combos: ['Space'], group: 'Compare', label: 'Hold to see the image alone' },
  { id: 'outline', combos: ['O'], group: 'Compare', label: 'Outline and fill, outline, fill (marked candidate)' },
  { id: 'opacity.down', combos: ['['], group: 'Compare', label: 'Fainter (marked candidate)', repeats: true },
  { id: 'opacity.up', combos: [']'], group: 'Compare', label: 'Stronger (marked candidate)', repeats: true },
  { id: 'disagreement', combos: ['D'], group: 'Compare', label: 'Where candidates differ' },
  { id: 'swipe', combos: ['V'], group: 'Compare', label: 'Swipe: overlays left of a divider' },
  { id: 'panes', combos: ['G'], group: 'Compare', label: 'One pane for each candidate' },
  { id: 'blink', combos: ['B'], group: 'Compare', label: 'Blink the overlays' },
];

const sequences: readonly Shortcut[] = Array.from({ length: 5 }, (_, at) => ({
  id: `sequence.${at}`,
  combos: [`Shift+${at + 1}`],
  group: 'Image',
  label: `Sequence ${at + 1}`,
  family: { label: 'Sequence 1 to 5', keys: 'Shift+1 – 5' },
}));

const image: readonly Shortcut[] = [
  { id: 'slice.up', combos: ['Up'], group: 'Image', label: 'Next slice', repeats: true },
  { id: 'slice.down', combos: ['Down'], group: 'Image', label: 'Previous slice', repeats: true },
  { id: 'slice.up10', combos: ['PgUp'], group: 'Image', label: 'Ten slices on', repeats: true },
  { id: 'slice.down10', combos: ['PgDn'], group: 'Image', label: 'Ten slices back', repeats: true },
  { id: 'largest', combos: ['F'], group: 'Image', label: 'Largest slice of all candidates together' },
  { id: 'window', combos: ['R'], group: 'Image', label: 'Reset window, zoom and position' },
  { id: 'preset', combos: ['L'], group: 'Image', label: 'Next window preset' },
  { id: 'ruler', combos: ['M'], group: 'Image', label: 'Ruler on or off' },
  { id: 'pan', combos: ['Z'], group: 'Image', label: 'Hold and drag to move the image' },
  { id: 'zoom.in', combos: ['Ctrl+Up'], group: 'Image', label: 'Zoom in (or Ctrl + wheel)', repeats: true },
  { id: 'zoom.out', combos: ['Ctrl+Down'], group: 'Image', label: 'Zoom out', repeats: true },
  ...sequences,
];

const page: readonly Shortcut[] = [
  { id: 'pause', combos: ['P'], group: 'Page', label: 'Pause, or go on' },
  { id: 'help', combos: ['?'], group: 'Page', label: 'All keys' },
  { id: 'leave', combos: ['Esc'], group: 'Page', label: 'Leave a text field' },
];

export const KEYS: readonly Shortcut[] = [...answering, ...slots, ...comparing, ...image, ...page];

export const keyOf = (id: string): Shortcut | undefined => KEYS.find((shortcut) => shortcut.id === id);

/** What each key does with this instrument: the two sides of its two-sided question, in its own words. */
export function labelsFor(questions: readonly Question[]): ReadonlyMap<string, string> {
  const sided = questions.find((question) => question.kind === 'origin6' || question.kind === 'origin2');
  if (!sided) return new Map();
  const labels = choices(sided).map((option) => option.label);
  const half = labels.length / 2;
  return new Map([
    ['side.first', labels.slice(0, half).toReversed().join(', then ')],
    ['side.last', labels.slice(half).join(', then ')],
  ]);
}

/** Mouse gestures, for the help dialog. */
export const GESTURES: readonly (readonly [string, string])[] = [
  ['Wheel', 'Slice by slice'],
  ['Left drag', 'Move the crosshair'],
  ['Right drag', 'Window and level'],
  ['Z + drag', 'Move the image'],
  ['Ctrl + wheel', 'Zoom'],
];
