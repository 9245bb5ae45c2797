import { fileURLToPath } from 'node:url';
import { redact } from '../../redact.ts';

/** Why a module gave no verdict. */
export interface Fault {
  /**
   * - THROWS: a function of it, or its file while it loads
   * - LOOPS: it did not answer in time
   * - NONSENSE: what it answered is no verdict
   * - NOT_DETERMINISTIC: asked twice it says two things
   * - CRASHES: the process that ran it ended, or could not be started
   * - MISSING: this node has no such version
   */
  readonly kind: 'THROWS' | 'LOOPS' | 'NONSENSE' | 'NOT_DETERMINISTIC' | 'CRASHES' | 'MISSING';
  /** One line for people, at most 300 characters, with no path of this machine and nothing that looks like a secret. */
  readonly message: string;
}

const MESSAGE_MAX = 300;

/** The root of the package, with its slash. */
const ownFolder = fileURLToPath(new URL('../../../', import.meta.url));

/** A fault whose message may come from the module itself. */
export function faultOf(kind: Fault['kind'], message: string): Fault {
  return { kind, message: toOneLine(message) };
}

/** A text that may come from anywhere, fit for logs, events and rows. */
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
