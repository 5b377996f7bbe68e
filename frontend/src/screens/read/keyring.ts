/** The person's keys on this page: what they are now, how they are written beside commands, and where they change. */
import type { Question } from '../../api/contract';
import type { KeyChoices } from '../../ui/shortcuts';
import { combosOf, loadChoices, saveChoices, withKey } from '../../ui/shortcuts';
import { showHelp } from './help';
import { keyOf, labelsFor } from './keys';
import { storage } from './storage';

export class Keyring {
  choices: KeyChoices = loadChoices(storage());
  /** Hears every change. */
  changed: (choices: KeyChoices) => void = () => undefined;

  constructor(private readonly questions: readonly Question[]) {}

  /** `Solo A (Shift+Q)` */
  tooltip = (text: string, key: string): string => withKey(text, keyOf(key), this.choices);

  /** The key alone, '' when it has none. */
  keyText = (key: string): string => {
    const shortcut = keyOf(key);
    return (shortcut && combosOf(shortcut, this.choices)[0]) ?? '';
  };

  help(): Promise<void> {
    return showHelp(this.choices, labelsFor(this.questions), (choices) => {
      this.choices = choices;
      saveChoices(storage(), choices);
      this.changed(choices);
    });
  }
}
