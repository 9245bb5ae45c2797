/**
 * Returns the words of a text, in lower case. A name of several words counts as a whole and by its parts: `rotateKey` gives
 * rotatekey, rotate and key.
 */
export function searchWordsOf(text: string): string[] {
  return (text.match(/[\p{L}\p{N}_]+/gu) ?? []).flatMap((name) => {
    const parts = name.split(/_+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u).filter((part) => part !== '');
    return (parts.length > 1 ? [name, ...parts] : [name]).map((word) => word.toLowerCase());
  });
}
