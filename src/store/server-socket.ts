import { hash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, DATABASE_USER, changeOwner } from './cluster.ts';

/** Nothing listens on a port; the number is a part of the socket's name. */
export const PORT = 5432;
export const SOCKET_FILE = `.s.PGSQL.${PORT}`;

/** The longest path of a unix socket in bytes: sun_path less its end, unix(7), and 4 less on macOS and BSD. */
const SOCKET_PATH_SIZE = process.platform === 'linux' ? 107 : 103;

/** Where a server that is to start puts its socket: in the cluster's folder, or in a scratch folder when that path is too long. */
export function chooseSocketFolder(cluster: Cluster): string {
  if (Buffer.byteLength(join(cluster.folder, SOCKET_FILE)) <= SOCKET_PATH_SIZE) return cluster.folder;
  const folder = mkdtempSync(scratchPrefix(cluster));
  changeOwner(cluster.user, folder);
  return folder;
}

/** Whether a server of this cluster, and not of one that it is a copy of, may have its socket there. Both are 0700. */
export function isSocketFolder(cluster: Cluster, folder: string): boolean {
  return folder === cluster.folder || folder.startsWith(scratchPrefix(cluster));
}

/** How to connect to the server whose socket is in that folder. */
export function connectionStringFor(socketFolder: string): string {
  const host = encodeURIComponent(socketFolder);
  return `postgresql://${DATABASE_USER}@localhost:${PORT}/postgres?host=${host}&sslmode=disable`;
}

/** Not tmpdir(), which may be long itself, or for root alone. */
function scratchPrefix({ folder }: Cluster): string {
  return `/tmp/keytide-socket-${hash('sha256', folder).slice(0, 8)}-`;
}
