/** Characters that Unicode folds in a way that no case mapping of a single character leads to. */
const irregularFolds = new Map([
  ['\u{fb05}', '\u{fb06}'],
  ['\u{1fd3}', '\u{0390}'],
  ['\u{1fe3}', '\u{03b0}'],
  ['\u{0131}', '\u{0131}'], // dotless i: its upper case is I, whose lower case is a different letter
]);

/**
 * Folds a text by Unicode's simple case folding (CaseFolding.txt, status C and S): two texts that differ only in case fold to the
 * same text. Each character folds independently of its neighbours and of the machine's locale, so that a part of a text folds to
 * the same part of the folded text.
 */
export function foldCase(text: string): string {
  return /^\p{ASCII}*$/u.test(text) ? text.toLowerCase() : Array.from(text, foldCharacter).join('');
}

function foldCharacter(character: string): string {
  const irregular = irregularFolds.get(character);
  if (irregular !== undefined) return irregular;
  const upper = takeIfSingle(character.toUpperCase(), character);
  return takeIfSingle(upper.toLowerCase(), character);
}

/** Returns the mapped text if it is one character; else the character itself. */
function takeIfSingle(mapped: string, character: string): string {
  return Array.from(mapped).length === 1 ? mapped : character;
}
