/** The script of every server-rendered page. Each page works without it; this adds comfort. */
import './tokens.css';
import './base.css';
import './layout.css';
import './components.css';

import { askBeforeSubmitting } from './confirm';
import { closeMenusOutside } from './menus';
import { pollFragments } from './poll';
import { helpWithKeys } from './page-keys';
import { submitWithControlEnter } from './submit';
import { sortTables } from './table';
import { localTimes, rememberTimeZone } from './time';

function dress(root: ParentNode): void {
  localTimes(root);
  sortTables(root);
}

dress(document);
askBeforeSubmitting(document);
closeMenusOutside(document);
helpWithKeys(document);
submitWithControlEnter(document);
pollFragments(document, dress);
void rememberTimeZone(document);
