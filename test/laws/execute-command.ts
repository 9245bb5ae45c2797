import { anonymous, type Caller } from '../../src/domain/caller.ts';
import { isFailure, type Failure } from '../../src/domain/failure.ts';
import { RequestError } from '../../src/domain/request-error.ts';
import { Sensitive } from '../../src/domain/sensitive.ts';
import { confirmRotation } from '../../src/keys/confirm-rotation.ts';
import { holdKey } from '../../src/keys/hold.ts';
import { renewKey } from '../../src/keys/renew.ts';
import { resumeKey } from '../../src/keys/resume.ts';
import { revokeKey } from '../../src/keys/revoke.ts';
import { rotateKey } from '../../src/keys/rotate.ts';
import { transferKey } from '../../src/keys/transfer.ts';
import { undoRotation } from '../../src/keys/undo-rotation.ts';
import { updateKey } from '../../src/keys/update.ts';
import type { Delivery } from '../../src/log/idempotency.ts';
import { PUSH, type KeyWorld } from '../support/key-world.ts';
import { secretShownBy, type Command, type Who } from './model-commands.ts';
import type { ModelKey } from './model.ts';

/** The resources of the key's scope, from wide to narrow. */
export const LEVELS = ['Acme.*', 'Acme.C*', 'Acme.Core'];

/** A request whose caller has been authenticated. */
export interface CommandRequest {
  readonly command: Command;
  readonly caller: Caller;
  readonly keyId: string;
  readonly idempotencyKey: string | null;
}

/**
 * The result of a command. `outcome`: the name of a failure, the outcome of a verification or of a credential, or OK.
 */
export interface CommandResult {
  /** The command that was executed; left out if the caller was refused before. */
  readonly command?: Command;
  readonly outcome: string;
  /** The result of a rotation: the new secret, its text if it was shown, and the promised end of the old secret. */
  readonly secretId?: string;
  readonly text?: string | null;
  readonly previousRetiresAt?: Date | null;
}

/** Authenticates who sends a command as the gateway does; or returns the outcome with which the caller is refused. */
export async function authenticateCaller(
  world: KeyWorld,
  secrets: ReadonlyMap<number, string>,
  model: ModelKey,
  who: Who,
  now: number,
): Promise<{ caller: Caller } | { refused: string }> {
  if (who === 'owner' || who === 'admin' || who === 'stranger') return { caller: world[who] };
  const secret = secretShownBy(model, who, now);
  if (secret === undefined) return { refused: 'NOBODY' };
  try {
    return { caller: await world.callerOf(secrets.get(secret.generation)!) };
  } catch (error) {
    return { refused: outcomeOf(error) };
  }
}

export async function executeCommand(
  world: KeyWorld,
  secrets: ReadonlyMap<number, string>,
  request: CommandRequest,
): Promise<CommandResult> {
  const { command } = request;
  if (command.do === 'verify') {
    return { command, outcome: await world.verify(secrets.get(command.generation)!, command.consumer) };
  }
  try {
    return { command, ...resultOf(await callUseCase(world, secrets, request)) };
  } catch (error) {
    return { command, outcome: outcomeOf(error) };
  }
}

type Success = { readonly keyId: string; readonly delivery?: Delivery; readonly previousRetiresAt?: Date | null };

function callUseCase(
  world: KeyWorld,
  secrets: ReadonlyMap<number, string>,
  { command, caller, keyId: id, idempotencyKey }: CommandRequest,
): Promise<Success | Failure> {
  const keyId = caller.kind === 'KEY' ? null : id;
  const reason = 'drawn at random';
  switch (command.do) {
    case 'renew': {
      const ask = command.lifetimeMs === null ? null : { lifetimeMs: command.lifetimeMs };
      const input = { keyId, ask, accept: [command.mode], gracePeriodMs: command.graceMs, idempotencyKey };
      return renewKey(world, caller, input);
    }
    case 'rotate':
      return rotateKey(world, caller, { keyId, gracePeriodMs: command.graceMs, idempotencyKey });
    case 'confirm':
      return confirmRotation(world, caller, { keyId, idempotencyKey });
    case 'undo':
      return undoRotation(world, caller, { keyId, idempotencyKey });
    case 'shorten':
      return updateKey(world, caller, { keyId: id, expiresAt: new Date(command.at), idempotencyKey });
    case 'narrow': {
      const scopes = [{ ...PUSH, resource: LEVELS[command.level] ?? '**' }];
      return updateKey(world, caller, { keyId: id, scopes, idempotencyKey });
    }
    case 'hold':
      return holdKey(world, caller, { keyId: id, reason, idempotencyKey });
    case 'resume':
      return resumeKey(world, caller, { keyId: id, idempotencyKey });
    case 'revoke':
      return revokeKey(world, caller, { keyId, reason, idempotencyKey });
    case 'revokeBySecret':
      return revokeKey(world, anonymous, { secret: new Sensitive(secrets.get(command.generation)!), reason });
    case 'transfer':
      return transferKey(world, world.admin, {
        keyId: id,
        owner: command.isBack ? world.owner.id : world.heir.id,
        idempotencyKey,
      });
    case 'verify':
      throw new Error('a verification is not a change');
  }
}

function resultOf(answer: Success | Failure): CommandResult {
  if (isFailure(answer)) return { outcome: answer.failure };
  const { delivery, previousRetiresAt } = answer;
  return {
    outcome: 'OK',
    ...(delivery !== undefined && { secretId: delivery.of, text: delivery.text?.reveal() ?? null }),
    ...(previousRetiresAt !== undefined && { previousRetiresAt }),
  };
}

function outcomeOf(error: unknown): string {
  if (!(error instanceof RequestError)) throw error;
  return error.code === 'UNAUTHENTICATED' ? String(error.details['outcome']) : error.code;
}
