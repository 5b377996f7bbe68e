/** The images of one case with the masks of its sources. */
import '../../ui/case-viewer.css';

import { Transport } from '../../api/transport';
import { csrfToken, islandData } from '../../ui/island';
import { CaseBrowser } from '../../viewer/browse';
import { loadStored } from '../../viewer/stored';
import type { StoredCase } from '../../viewer/stored';

const section = document.querySelector<HTMLElement>('[data-case-viewer]');
if (section) void show(section);

async function show(section: HTMLElement): Promise<void> {
  const [bar, host, state] = ['bar', 'host', 'state'].map((name) => section.querySelector<HTMLElement>(`[data-viewer-${name}]`));
  if (!bar || !host || !state) return;
  state.textContent = 'Loading images and masks …';
  try {
    const stored = islandData<StoredCase>('case-data');
    const presentation = await loadStored(new Transport(csrfToken()), stored);
    const browser = await CaseBrowser.in(host, bar);
    await browser.open(presentation, stored.masks);
    browser.listen(() => false);
    state.textContent = '';
    section.dataset['ready'] = '';
  } catch (error) {
    state.textContent = `The images could not be shown: ${error instanceof Error ? error.message : 'reload the page.'}`;
  }
}
