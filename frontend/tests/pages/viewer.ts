/** The page that browser tests drive; never shipped. */
import { createViewer } from '../../src/viewer/create';
import { Decoder } from '../../src/viewer/decode';
import { ViewerPool } from '../../src/viewer/pool';
import { probeGraphics } from '../../src/viewer/probe';
import { phantom } from './phantom';

const violations: string[] = [];
document.addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));

export const lab = { createViewer, ViewerPool, Decoder, phantom, probeGraphics, violations };
export type Lab = typeof lab;
(window as unknown as { lab: Lab }).lab = lab;
