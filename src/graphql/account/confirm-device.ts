import { confirmDevice } from '../../devices/confirm.ts';
import type { DeviceConfirmed } from '../../devices/decide.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { repeatable } from '../input.ts';

const ConfirmDeviceInputRef = builder.inputType('ConfirmDeviceInput', {
  fields: (t) => ({
    userCode: t.string({ required: true, description: 'What your own terminal shows; never one that somebody sent.' }),
    idempotencyKey: t.string(),
  }),
});

const ConfirmDeviceSuccessRef = builder.objectRef<DeviceConfirmed>('ConfirmDeviceSuccess').implement({
  description: 'The device is signed in as the caller, for 12 hours, as soon as it asks again.',
  fields: (t) => ({
    deviceName: t.exposeString('deviceName', { description: 'What the device calls itself.' }),
    address: t.exposeString('address', { description: 'Where it asked from.' }),
    askedAt: t.expose('askedAt', { type: 'DateTime' }),
  }),
});

const ConfirmDeviceResult = resultType('ConfirmDevice', ConfirmDeviceSuccessRef, [
  'DeviceNotFound',
  'IdempotencyConflict',
]);

builder.mutationField('confirmDevice', (t) =>
  t.field({
    type: ConfirmDeviceResult,
    description: 'Signs the device that shows a code in as the caller: a session of its own, which its signOut ends.',
    args: { input: t.arg({ type: ConfirmDeviceInputRef, required: true }) },
    resolve: (_root, { input: { userCode, idempotencyKey } }, { services, caller, address }) =>
      confirmDevice(services, caller, { userCode, ...repeatable(idempotencyKey) }, address),
  }),
);
