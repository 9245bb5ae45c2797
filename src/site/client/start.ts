import { offerToCopy } from './copy-button.ts';
import { openSearchBox } from './search-box.ts';

const box = document.querySelector<HTMLElement>('#site-search');
const { index } = document.body.dataset;
if (box !== null && index !== undefined) openSearchBox(box, index);
offerToCopy(document.querySelectorAll<HTMLElement>('.code'));
