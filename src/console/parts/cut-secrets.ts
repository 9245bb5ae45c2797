/** A secret of a key or another credential: a prefix, and more digits than any name has. */
const secretShape = /((?:[a-z0-9]+_)+[0-9A-Za-z]{6})[0-9A-Za-z_-]{20,}/g;
const tokenShape = /eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;

/**
 * Cuts secrets in a text to the start that lists show. A secret that is pasted into a search would otherwise stand in the address,
 * the history and the request.
 */
export function cutSecrets(text: string): string {
  return text.replaceAll(tokenShape, '').replaceAll(secretShape, '$1');
}
