import { readFile } from 'node:fs/promises';

/**
 * Whether a file is a mount point, such as a file that a container binds. A mount point cannot be replaced by a
 * rename, only written in place. `path` must have no symbolic links. On systems without /proc the result is false.
 */
export async function isMountPoint(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return mounts.split('\n').some((line) => decodeField(line.split(' ')[4] ?? '') === path);
}

/** Decodes a field of mountinfo: white space and backslashes are octal (proc(5), "/proc/pid/mounts"). */
function decodeField(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
