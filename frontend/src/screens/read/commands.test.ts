import { expect, it } from 'vitest';
import { Commands } from './commands';
import { KEYS } from './keys';

it('has a command for every key of the table, and no command without one', () => {
  const page = { pause: () => undefined, help: () => undefined, focusImage: () => undefined, say: () => undefined };
  const commands = new Commands({} as never, {} as never, {} as never, page);
  expect([...commands.ids].toSorted()).toEqual(KEYS.map((shortcut) => shortcut.id).toSorted());
});
