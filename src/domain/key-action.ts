import type { Capability } from './permission.ts';

/** What a caller can do with one key, and the permission that each action needs. */
export const keyActionCapabilities = {
  RENEW: 'key.renew',
  ROTATE: 'key.rotate',
  CONFIRM_ROTATION: 'key.confirmRotation',
  UNDO_ROTATION: 'key.undoRotation',
  UPDATE: 'key.update',
  TRANSFER: 'key.transfer',
  HOLD: 'key.hold',
  RESUME: 'key.resume',
  REVOKE: 'key.revoke',
} as const satisfies Record<string, Capability>;

export type KeyAction = keyof typeof keyActionCapabilities;

export const keyActions = Object.keys(keyActionCapabilities) as readonly KeyAction[];
