import type { Device } from '../../../prisma/generated/client/client.ts';
import { findWaitingDevice } from '../../devices/find-waiting.ts';
import { builder } from '../builder.ts';
import { deviceWords } from './device-words.ts';

const WaitingDeviceRef = builder.objectRef<Device>('WaitingDevice').implement({
  description: 'A device that waits to be confirmed: look at what asks, and from where, before you do.',
  fields: (t) => ({
    program: t.exposeString('clientId', { description: deviceWords.program }),
    deviceName: t.exposeString('name', { description: deviceWords.deviceName }),
    address: t.exposeString('address', { description: deviceWords.address }),
    askedAt: t.expose('createdAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until then it can be confirmed.' }),
  }),
});

builder.queryField('waitingDevice', (t) =>
  t.field({
    type: WaitingDeviceRef,
    nullable: true,
    description:
      'The device that shows a code; null: none waits with it. Wrong codes count as those of confirmDevice do.',
    args: { userCode: t.arg.string({ required: true, description: deviceWords.userCode }) },
    resolve: (_root, { userCode }, { services, caller, address }) =>
      findWaitingDevice(services, caller, userCode, address),
  }),
);
