/** The charts of the analysis page. Every number comes with the page; nothing is computed anew here. */
import './analysis.css';
import './recommended';
import './views.css';

import { chart, type ChartSpec } from '../../ui/chart';
import { type AnalysisData, specs } from './specs';

const source = document.getElementById('analysis-data');
if (source) draw(JSON.parse(source.textContent) as AnalysisData);

function draw(data: AnalysisData): void {
  for (const figure of document.querySelectorAll<HTMLElement>('figure[data-chart]')) {
    const spec: ((data: AnalysisData, width: number) => ChartSpec) | undefined = specs[figure.dataset['chart'] ?? ''];
    if (spec) chart(figure, (width) => spec(data, width));
  }
}
