import { nearestName } from '../domain/nearest-name.ts';

/** Returns the known name of a setting that a wrong name most likely stands for; null: none is close. */
export function suggestName(wrong: string, names: readonly string[]): string | null {
  const nearest = nearestName(withoutPrefix(wrong), names.map(withoutPrefix));
  return names.find((name) => withoutPrefix(name) === nearest) ?? null;
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
