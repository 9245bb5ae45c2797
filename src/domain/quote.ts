/** How much of a refused text a message quotes, in code points. */
const QUOTED_MAX = 40;

const controls = /[\p{Control}\u2028\u2029]/gu;

/** Quotes a caller's text for a message: at most 40 code points, in quotation marks and escaped unless it is plain. */
export function quote(text: string): string {
  const characters = Array.from(text);
  const start = characters.slice(0, QUOTED_MAX).join('');
  const quoted = /^[\w.,:+*/-]+$/.test(start) ? start : JSON.stringify(start).replace(controls, escapeCharacter);
  return characters.length > QUOTED_MAX ? `${quoted}…` : quoted;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
