import { fileURLToPath } from 'node:url';
import { redact } from '../../logging/redact.ts';

/** Why a module returned no verdict. */
export interface Fault {
  /**
   * - THROWS: one of its functions throws, or its file while it loads
   * - LOOPS: it did not return in time
   * - NONSENSE: the returned value is not a verdict
   * - NOT_DETERMINISTIC: two calls with the same arguments returned different verdicts
   * - CRASHES: the policy process ended, or could not be started
   * - MISSING: this node does not have the version
   */
  readonly kind: 'THROWS' | 'LOOPS' | 'NONSENSE' | 'NOT_DETERMINISTIC' | 'CRASHES' | 'MISSING';
  /** One line for people, at most 300 characters, without paths of this machine and with secrets redacted. */
  readonly message: string;
}

const MESSAGE_MAX = 300;

/** The root folder of the package, with a slash at the end. */
const ownFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** Creates a fault. The message may come from the module itself and is cleaned (see `toOneLine`). */
export function faultOf(kind: Fault['kind'], message: string): Fault {
  return { kind, message: toOneLine(message) };
}

/** Cleans an untrusted text for logs, events and rows: one line, without paths, with secrets redacted. */
export function toOneLine(text: string): string {
  const bare = text
    .replaceAll(/(?:file:\/\/)?\/\S*\/[\da-f]{64}\//g, '')
    .replaceAll(`file://${ownFolder}`, '')
    .replaceAll(ownFolder, '')
    .toWellFormed()
    .replaceAll(/[\s\p{Control}\u2028\u2029]+/gu, ' ');
  const clean = Array.from(redact(bare).trim());
  return clean.length > MESSAGE_MAX ? `${clean.slice(0, MESSAGE_MAX - 1).join('')}…` : clean.join('');
}
