import { refuseDevice } from '../../accounts/devices/refuse.ts';
import { mutation } from '../mutation.ts';
import { deviceDescriptions } from './device-descriptions.ts';
import { deviceFields } from './device-success.ts';

mutation('refuseDevice', {
  description:
    'Refuses the device that shows the code, for good. Use it when someone asks you to enter a code that is not yours.',
  input: {
    description: 'Which device to refuse.',
    fields: (t) => ({ userCode: t.string({ required: true, description: deviceDescriptions.userCode }) }),
  },
  useCase: refuseDevice,
  toInput: (input) => input,
  failures: ['DeviceNotFound'],
  success: { description: 'The device was refused. It learns this at its next poll.', fields: deviceFields },
});
