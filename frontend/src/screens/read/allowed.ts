/** Which comparing tools the protocol allows; a study may want every candidate seen the same way. */
import type { Display } from '../../api/contract';

/** The protocol's tool behind a command of the screen. */
const NEEDS: Readonly<Record<string, string>> = {
  toggle: 'toggle',
  overlays: 'toggle',
  blink: 'toggle',
  solo: 'solo',
  panes: 'solo',
  outline: 'outline',
  opacity: 'opacity',
  disagreement: 'disagreement',
  swipe: 'swipe',
  ruler: 'ruler',
  preset: 'window',
};

/** Whether this command (`solo.0` counts as `solo`) may be used; holding Space always may. */
export function isAllowed({ tools, solo_allowed }: Display, command: string): boolean {
  const tool = NEEDS[command.split('.')[0] ?? ''];
  if (tool === undefined) return true;
  if (tool === 'solo' && !solo_allowed) return false;
  return !tools || tools.includes(tool);
}
