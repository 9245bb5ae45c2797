/** Maximum edit distance of a typing error. */
const EDIT_DISTANCE_MAX = 4;

/** Returns the known name that a wrong name most likely stands for; null if none is close. */
export function suggestName(wrong: string, names: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = EDIT_DISTANCE_MAX + 1;
  for (const name of names) {
    const slips = editDistance(withoutPrefix(wrong), withoutPrefix(name));
    // More edits than half of the letters make another word, not a typing error.
    if (slips < least && slips * 2 <= withoutPrefix(name).length) [nearest, least] = [name, slips];
  }
  return nearest;
}

/** Returns the part of a name that distinguishes settings, without their common prefix. */
function withoutPrefix(name: string): string {
  return name.toUpperCase().replace(/^KEYTIDE_/, '');
}

/**
 * Returns whether Kubernetes set a variable. It sets variables about a service named keytide or keytide-… in every pod
 * of the namespace: KEYTIDE_SERVICE_HOST, KEYTIDE_PORT=tcp://10.0.0.1:4000, KEYTIDE_PORT_4000_TCP_ADDR and so on
 * (kubernetes.io, Service, "Environment variables").
 */
export function isKubernetesName(name: string, value: string): boolean {
  return (
    /^KEYTIDE_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(name) ||
    (/^KEYTIDE_(\w+_)?PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value))
  );
}

/** Returns the Levenshtein distance: the number of letters to insert, delete or replace. */
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
