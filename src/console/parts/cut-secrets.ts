/** A secret of a key or another credential: a prefix, and more digits than any name has. */
const secretShape = /((?:[a-z0-9]+_)+[0-9A-Za-z]{6})[0-9A-Za-z_-]{20,}/g;
const tokenShape = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/** An id, such as key_01h455vb4pex5vsknk084sn02q. No secret has this form: each has more digits, also capital letters. */
const idShape = /^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/**
 * Cuts secrets in a text to the start that lists show. A secret that is pasted into a search would otherwise stand in the address,
 * the history and the request. Ids stay whole.
 */
export function cutSecrets(text: string): string {
  return text
    .replaceAll(tokenShape, '')
    .replaceAll(secretShape, (found: string, start: string) => (idShape.test(found) ? found : start));
}
