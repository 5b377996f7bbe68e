import { expect, it } from 'vitest';
import type { Display } from '../../api/contract';
import { isAllowed } from './allowed';

const display = (tools: string[] | null, solo_allowed = true): Display => ({ tools, solo_allowed }) as unknown as Display;

it('allows everything when the protocol names no tools', () => {
  expect(['solo.1', 'panes', 'swipe', 'ruler'].every((command) => isAllowed(display(null), command))).toBe(true);
});

it('shows one candidate alone, in panes too, only where solo is allowed', () => {
  expect(['solo.0', 'panes', 'toggle.0'].map((command) => isAllowed(display(['toggle']), command))).toEqual([false, false, true]);
  expect(isAllowed(display(null, false), 'panes')).toBe(false);
});

it('never takes away slices, answers or the image alone', () => {
  expect(['slice.up', 'score.1', 'hold', 'largest', 'window'].every((command) => isAllowed(display([]), command))).toBe(true);
});
