/** Comfort on the pages of a study: copying, choosing many cases at once, keeping an opened section in view. */
import './study.css';

import { copyButtons } from './copy';
import { chooseInBulk } from './bulk';

copyButtons(document);
for (const form of document.querySelectorAll<HTMLFormElement>('form[data-bulk]')) chooseInBulk(form);
document.querySelector('details.edit[open], [role="alert"]')?.scrollIntoView({ block: 'center' });
