import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';

/** A way over loopback on which things go wrong. */
export interface Line {
  readonly port: number;
  /** Ends all connections, and lets none through until it is mended. */
  cut(): void;
  /** Connections stay open and new ones are taken, and nothing comes through until it is mended. */
  stall(): void;
  mend(): void;
}

export interface LineOptions {
  /** Where it leads; asked at each connection. Null: to nobody. */
  readonly to: () => NetConnectOpts | null;
  /** What answers go through on their way back, one of them for each connection. */
  readonly through?: () => Duplex;
}

interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  readonly back: Duplex;
}

/** Lays a line on 127.0.0.1; it goes with the test. */
export async function openFaultyLine({ to, through }: LineOptions): Promise<Line> {
  let state: 'OPEN' | 'CUT' | 'STALLED' = 'OPEN';
  const open = new Set<Connection>();
  const flow = ({ near, far, back }: Connection) => {
    near.pipe(far);
    if (back !== far) far.pipe(back);
    back.pipe(near);
  };
  const hold = ({ near, far }: Connection) => {
    near.unpipe().pause();
    far.unpipe().pause();
  };
  const server = createServer((near) => {
    near.on('error', () => undefined);
    const place = state === 'CUT' ? null : to();
    if (place === null) return void near.destroy();
    const far = connect(place);
    const connection = { near, far, back: through?.() ?? far };
    open.add(connection);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(connection);
        other.destroy();
      });
    }
    if (state === 'OPEN') flow(connection);
  });
  const hangUp = () => {
    for (const { near, far } of open) {
      near.destroy();
      far.destroy();
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    state = 'CUT';
    hangUp();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'CUT';
      hangUp();
    },
    stall() {
      state = 'STALLED';
      for (const connection of open) hold(connection);
    },
    mend() {
      if (state === 'STALLED') for (const connection of open) flow(connection);
      state = 'OPEN';
    },
  };
}
