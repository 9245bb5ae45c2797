/** How many wrong letters a name may have to be taken for a slip of another. */
const EDIT_DISTANCE_MAX = 4;

/** The known name that a wrong one was most likely meant to be, or null when none is near. */
export function suggestName(wrong: string, names: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = EDIT_DISTANCE_MAX + 1;
  for (const name of names) {
    const slips = editDistance(withoutPrefix(wrong), withoutPrefix(name));
    // More slips than half the letters is another word, not a slip.
    if (slips < least && slips * 2 <= withoutPrefix(name).length) [nearest, least] = [name, slips];
  }
  return nearest;
}

/** What tells settings apart: all but the beginning that they share. */
function withoutPrefix(name: string): string {
  return name.toUpperCase().replace(/^KEYTIDE_/, '');
}

/**
 * Whether a variable was put there by Kubernetes, which tells every pod of a namespace about a service named keytide or
 * keytide-something: KEYTIDE_SERVICE_HOST, KEYTIDE_PORT=tcp://10.0.0.1:4000, KEYTIDE_PORT_4000_TCP_ADDR and so on
 * (kubernetes.io, Service, "Environment variables").
 */
export function isKubernetesName(name: string, value: string): boolean {
  return (
    /^KEYTIDE_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(name) ||
    (/^KEYTIDE_(\w+_)?PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value))
  );
}

/** Letters to insert, delete or replace to get from one word to the other (Levenshtein distance). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
