import { hash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, DATABASE_USER, changeOwner } from './cluster.ts';

/** The server listens on no port; the number is only part of the socket's name. */
export const PORT = 5432;
export const SOCKET_FILE = `.s.PGSQL.${PORT}`;

/**
 * Maximum length of a unix socket's path in bytes: sun_path without its terminator, unix(7); 4 less on macOS and BSD.
 */
const SOCKET_PATH_SIZE = process.platform === 'linux' ? 107 : 103;

/**
 * Returns the folder for a new server's socket: the cluster's folder, or a temporary folder if that path is too long.
 */
export function chooseSocketFolder(cluster: Cluster): string {
  if (Buffer.byteLength(join(cluster.folder, SOCKET_FILE)) <= SOCKET_PATH_SIZE) return cluster.folder;
  const folder = mkdtempSync(scratchPrefix(cluster));
  changeOwner(cluster.user, folder);
  return folder;
}

/**
 * Returns whether a folder may hold the socket of this cluster's server, rather than of a cluster that it was copied
 * from.
 */
export function isSocketFolder(cluster: Cluster, folder: string): boolean {
  return folder === cluster.folder || folder.startsWith(scratchPrefix(cluster));
}

/** Returns the connection string of the server whose socket is in a folder. */
export function connectionStringFor(socketFolder: string): string {
  const host = encodeURIComponent(socketFolder);
  return `postgresql://${DATABASE_USER}@localhost:${PORT}/postgres?host=${host}&sslmode=disable`;
}

/**
 * Returns the path prefix of temporary socket folders. Not in tmpdir(), which may be long itself, or only for root.
 */
function scratchPrefix({ folder }: Cluster): string {
  return `/tmp/keytide-socket-${hash('sha256', folder).slice(0, 8)}-`;
}
