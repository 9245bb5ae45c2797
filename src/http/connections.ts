import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What is known of a connection. */
interface Connection {
  /** The number of responses that have not been sent as a whole. */
  openCount: number;
  /** The number of bytes that had been received when the last response was sent; 0 before the first. */
  bytesAtRest: number;
  /** Run when no response is open. */
  readonly waiting: (() => void)[];
}

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * The connections of a server. Node counts a connection as idle when the last part of its response was written, although it may
 * still wait for the client, and it hands over an upgrade before earlier requests of the connection have their responses. Here
 * both wait until each response was sent.
 */
export class Connections {
  readonly #server: Server;
  readonly #open = new Map<Duplex, Connection>();
  readonly #refused = new WeakSet<Duplex>();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#open.set(socket, { openCount: 0, bytesAtRest: 0, waiting: [] });
      socket.once('close', () => this.#open.delete(socket));
    });
    // Called by Node too, when the server is closed.
    server.closeIdleConnections = () => this.#closeIdle();
  }

  /** Counts a response as open, until `end` is called with what is returned. */
  begin(socket: Socket): Connection | null {
    const connection = this.#open.get(socket);
    if (connection === undefined) return null;
    connection.openCount += 1;
    return connection;
  }

  /** A response was sent, or its connection has closed. */
  end(socket: Socket, connection: Connection): void {
    connection.openCount -= 1;
    connection.bytesAtRest = socket.bytesRead;
    if (connection.openCount === 0 && connection.waiting.length > 0) {
      for (const run of connection.waiting.splice(0)) run();
    }
  }

  /** Returns whether a response of a connection was not sent as a whole. */
  isResponding(socket: Duplex): boolean {
    return (this.#open.get(socket)?.openCount ?? 0) > 0;
  }

  /** Returns whether a byte has come on a connection. */
  hasReceived(socket: Duplex): boolean {
    return (socket as Socket).bytesRead > 0;
  }

  /** The connection gets an error and is closed: a request that has arrived meanwhile is not handled. */
  refuse(socket: Duplex): void {
    this.#refused.add(socket);
  }

  isRefused(socket: Duplex): boolean {
    return this.#refused.has(socket);
  }

  /** Runs a task once each response of a connection was sent. It does not run if the connection closes before. */
  #afterResponses(socket: Duplex, run: () => void): void {
    const connection = this.#open.get(socket);
    if (connection === undefined || connection.openCount === 0) return run();
    // If Node has handed the connection over, an error without a listener would end the process.
    socket.once('error', () => socket.destroy());
    connection.waiting.push(() => {
      if (!socket.destroyed) run();
    });
  }

  /**
   * Calls a listener for each upgrade, once the earlier requests of the connection have their responses. From then on the
   * connection is the listener's.
   */
  onUpgrade(listener: UpgradeListener): void {
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.isRefused(socket)) return socket.destroy();
      this.#afterResponses(socket, () => {
        this.#open.delete(socket);
        listener(request, socket, head);
      });
    });
  }

  /** Closes the connections that were never used, and those that have sent nothing since their last response. */
  #closeIdle(): void {
    for (const [socket, { openCount, bytesAtRest }] of this.#open) {
      if (openCount === 0 && (socket as Socket).bytesRead === bytesAtRest) socket.destroy();
    }
  }
}

const connectionsByServer = new WeakMap<Server, Connections>();

/** Returns the connections of a server. The first call must come before the server listens. */
export function connectionsOf(server: Server): Connections {
  const known = connectionsByServer.get(server) ?? new Connections(server);
  connectionsByServer.set(server, known);
  return known;
}
