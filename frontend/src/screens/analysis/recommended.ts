/** The recommended analysis and the agreement between sources: charts, and the wait for what is being computed. */
import { chart } from '../../ui/chart';
import { forest, heat, type HeatData, type IntervalData } from './intervals';

const intervals = read<Record<string, IntervalData>>('intervals-data') ?? {};
for (const figure of document.querySelectorAll<HTMLElement>('figure[data-intervals]')) {
  const data = intervals[figure.dataset['intervals'] ?? ''];
  if (data) chart(figure, (width) => forest(data, width));
}

const cells = read<HeatData>('heat-data');
const map = document.querySelector<HTMLElement>('figure[data-heat]');
if (cells && map) chart(map, (width) => heat(cells, width));

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-send-on-change]')) {
  form.addEventListener('change', () => form.requestSubmit());
}

// The live part replaces itself; once it says that the analysis is ready, the page is asked for again.
const live = document.getElementById('recommended-state')?.parentElement;
if (live) {
  new MutationObserver(() => {
    if (live.querySelector('#recommended-state[data-ready]')) location.reload();
  }).observe(live, { childList: true, subtree: true });
}

function read<T>(id: string): T | null {
  const source = document.getElementById(id);
  return source ? (JSON.parse(source.textContent) as T) : null;
}
