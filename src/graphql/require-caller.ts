import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import { forbidden, unauthenticated } from '../domain/request-error.ts';
import type { Context } from './context.ts';
import { isForPortals } from './portal-fields.ts';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      requireCaller: RequireCallerPlugin<Types>;
    }
  }
}

/** The extension of a field of Mutation that anonymous callers may select. */
export const publicField = { isPublic: true } as const;

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

/**
 * Lets only callers with a session or a key reach the fields of Query, Mutation and Subscription, except those with the
 * extension `publicField`. Portal sessions reach only the fields of `isForPortals`. A subscription is checked when it starts; after that, its credential is watched.
 */
class RequireCallerPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver<Types>, config: PothosOutputFieldConfig<Types>): Resolver<Types> {
    const isRoot = config.parentType === 'Query' || config.parentType === 'Mutation';
    const checked = this.#refusePortals(resolve, config);
    return isRoot ? this.#requireCaller(checked, config) : checked;
  }

  override wrapSubscribe(
    subscribe: Resolver<Types> | undefined,
    config: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    return subscribe === undefined || config.parentType !== 'Subscription'
      ? subscribe
      : this.#requireCaller(this.#refusePortals(subscribe, config), config);
  }

  #refusePortals(resolve: Resolver<Types>, { parentType, name }: PothosOutputFieldConfig<Types>): Resolver<Types> {
    if (isForPortals(parentType, name)) return resolve;
    return (parent, args, context, info): unknown => {
      if ((context as Context).caller.kind === 'PORTAL') {
        throw forbidden(`A portal session may not select ${parentType}.${name}.`);
      }
      return resolve(parent, args, context, info);
    };
  }

  #requireCaller(resolve: Resolver<Types>, { extensions }: PothosOutputFieldConfig<Types>): Resolver<Types> {
    if (extensions?.['isPublic'] === true) return resolve;
    return (parent, args, context, info): unknown => {
      if ((context as Context).caller.kind === 'ANONYMOUS') {
        throw unauthenticated('Sign in, or send the secret of a key: Authorization: Bearer <…>.');
      }
      return resolve(parent, args, context, info);
    };
  }
}

export const REQUIRE_CALLER = 'requireCaller';
SchemaBuilder.registerPlugin(REQUIRE_CALLER, RequireCallerPlugin);
