import { confirmDevice, type DeviceConfirmed } from '../../devices/confirm.ts';
import { builder } from '../builder.ts';
import { resultType } from '../failures.ts';
import { repeatable } from '../input.ts';
import { deviceWords } from './device-words.ts';

const ConfirmDeviceInputRef = builder.inputType('ConfirmDeviceInput', {
  fields: (t) => ({
    userCode: t.string({ required: true, description: deviceWords.userCode }),
    idempotencyKey: t.string(),
  }),
});

const ConfirmDeviceSuccessRef = builder.objectRef<DeviceConfirmed>('ConfirmDeviceSuccess').implement({
  description: 'The device is signed in as the caller, as soon as it asks again.',
  fields: (t) => ({
    program: t.exposeString('program', { description: deviceWords.program }),
    deviceName: t.exposeString('deviceName', { description: deviceWords.deviceName }),
    address: t.exposeString('address', { description: deviceWords.address }),
    askedAt: t.expose('askedAt', { type: 'DateTime' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When its session ends: in 12 hours, or with the session that confirms it, if that ends sooner.',
    }),
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
