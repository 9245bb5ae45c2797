/** What is compared where a difference in time would tell something. */
const SECRET_NAME =
  /(?:digest|secret|hash|token|password|credential|mac|seed|signature|sealed)(?:\(\)|\.reveal\(\))?$/i;

const OPERAND = String.raw`[\w.$#?!]+(?:\([^()]*\))?(?:\.\w+(?:\([^()]*\))?)*`;
const comparison = new RegExp(`(${OPERAND})\\s*[=!]==?\\s*(${OPERAND})`, 'g');
const bytesComparison = /\.equals\(|\bBuffer\.compare\(|\.localeCompare\(/;
const nothing = /^(?:null|undefined|true|false|\d+|typeof)$/;

/** The lines of a TypeScript source on which secrets, digests or bytes are compared with an early exit. */
export function unsafeComparisons(source: string): string[] {
  const isCommented = (line: string) => /^\s*(?:\/\/|\/?\*)/.test(line);
  return source
    .split('\n')
    .filter((line) => {
      if (isCommented(line)) return false;
      // What is within quotes is a text; a text that is compared with stays an operand.
      const bare = line.replaceAll(/'(?:[^'\\]|\\.)*'/g, 'null').replaceAll(/\/\/ .*$/g, '');
      if (bytesComparison.test(bare)) return true;
      return [...bare.matchAll(comparison)].some(([, left = '', right = '']) => {
        const isTelling = SECRET_NAME.test(left) || SECRET_NAME.test(right);
        return isTelling && !nothing.test(left) && !nothing.test(right);
      });
    })
    .map((line) => line.trim());
}
