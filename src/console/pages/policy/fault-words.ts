const words: Readonly<Record<string, string>> = {
  THROWS: 'it ends with an error',
  LOOPS: 'it does not answer in time',
  NONSENSE: 'its answer is not a valid verdict',
  NOT_DETERMINISTIC: 'it answers the same question differently',
  CRASHES: 'its process ends, or needs too much memory',
  MISSING: 'this version of it is not there',
};

/** Returns in words how a module fails. */
export function faultWords(kind: string): string {
  return words[kind] ?? kind;
}
