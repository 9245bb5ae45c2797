import issue from '../pages/issue/issue.css?inline';
import key from '../pages/key/key.css?inline';
import base from '../styles/base.css?inline';
import blocks from '../styles/blocks.css?inline';
import controls from '../styles/controls.css?inline';
import dialogs from '../styles/dialogs.css?inline';
import pageStyles from '../styles/page.css?inline';
import states from '../styles/states.css?inline';
import tables from '../styles/tables.css?inline';
import tokens from '../styles/tokens.css?inline';
import own from './my-keys.css?inline';

const sheets = new WeakMap<Document, CSSStyleSheet>();

/**
 * Returns the styles of the elements of a document, which they share: a sheet belongs to the document whose window made it. A
 * sheet that is made this way needs no style-src in the policy of the page around it.
 */
export function myKeysStyles(page: Document): CSSStyleSheet {
  const made = sheets.get(page);
  if (made !== undefined) return made;
  const sheet = new (page.defaultView ?? window).CSSStyleSheet();
  sheets.set(page, sheet);
  sheet.replaceSync([tokens, base, controls, pageStyles, blocks, tables, states, dialogs, key, issue, own].join('\n'));
  return sheet;
}
