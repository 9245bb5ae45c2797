import { COMBINING_CHAR, DIGIT, EXTENDER, LETTER } from 'xmlchars/xml/1.0/ed4.js';

/** Characters of names (XML 1.0, fourth edition, appendix B), as .NET checks them. */
const firstPattern = new RegExp(`^[${LETTER}_]$`, 'u');
const laterPattern = new RegExp(`^[${LETTER}${DIGIT}${COMBINING_CHAR}${EXTENDER}._-]$`, 'u');

/** An encoded character, or the beginning of text that would be decoded as one. */
const encodedPattern = /_x([0-9a-f]{4}|[0-9a-f]{8})_/gi;

/**
 * Encodes a text as the name of an XML element, as .NET's XmlConvert.EncodeLocalName: a character that a name must not
 * contain becomes `_xHHHH_`, one outside the basic plane `_xHHHHHHHH_`.
 */
export function encodeXmlName(text: string): string {
  const escapedAt = new Set([...text.matchAll(/_(?=x(?:[0-9a-f]{4}|[0-9a-f]{8})_)/gi)].map(({ index }) => index));
  let name = '';
  let index = 0;
  for (const character of text) {
    const isValid = (index === 0 ? firstPattern : laterPattern).test(character) && !escapedAt.has(index);
    name += isValid ? character : encodeCharacter(character);
    index += character.length;
  }
  return name;
}

/** Decodes the name of an XML element, as .NET's XmlConvert.DecodeName. */
export function decodeXmlName(name: string): string {
  return name.replaceAll(encodedPattern, (encoded, digits: string) => {
    const codePoint = Number.parseInt(digits, 16);
    return codePoint > 0x10_ff_ff ? encoded : String.fromCodePoint(codePoint);
  });
}

function encodeCharacter(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `_x${hex.padStart(character.length === 1 ? 4 : 8, '0')}_`;
}
