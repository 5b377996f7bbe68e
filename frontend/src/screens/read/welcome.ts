/** The instructions before the first case, once per wording and browser. */
import type { Reading } from '../../api/contract';
import { showInstructions } from './forms';
import { storage } from './storage';

export async function welcome({ study }: Reading): Promise<void> {
  const key = `blindread.instructions.${study.code}`;
  if (!study.instructions || storage()?.getItem(key) === study.instructions) return;
  await showInstructions(study.title, study.instructions, true);
  try {
    storage()?.setItem(key, study.instructions);
  } catch {
    // Storage denied: they are shown again next time.
  }
}
