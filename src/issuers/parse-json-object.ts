/** Parses a JSON object. Returns null for any other text, and for duplicate member names, which parsers resolve differently. */
export function parseJsonObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    // Outside of strings, JSON has one colon for each member. More colons than members means a duplicate name.
    const colonCount = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
    return colonCount === countMembers(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, member) => sum + countMembers(member), own);
}
