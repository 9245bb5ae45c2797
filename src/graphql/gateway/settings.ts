import { may } from '../../domain/permission.ts';
import { settingSources, type SettingInForce } from '../../domain/setting-in-force.ts';
import { builder } from '../builder.ts';
import { describeValues } from '../describe-values.ts';

const SettingSourceEnum = builder.enumType('SettingSource', {
  description: 'Where the value of a setting comes from.',
  values: describeValues({
    ENVIRONMENT: 'The variable of this name is set in the environment of the node.',
    FILE: 'The variable of this name with the suffix _FILE names a file, which has the value.',
    DEFAULT: 'The setting is not given.',
  } satisfies Record<(typeof settingSources)[number], string>),
});

const SettingRef = builder.objectRef<SettingInForce>('Setting').implement({
  description: 'A setting of the node that answers, as the node was started with it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the variable, such as KEYTIDE_LOG_LEVEL.' }),
    description: t.exposeString('description', { description: 'What the setting does.' }),
    accepts: t.exposeString('accepts', { description: 'Which values it accepts, for people.' }),
    isSecret: t.exposeBoolean('isSecret', {
      description: 'Whether its value is a secret, which is never shown. It can also be given as the path of a file.',
    }),
    source: t.expose('source', { type: SettingSourceEnum, description: 'Where its value comes from.' }),
    value: t.exposeString('value', {
      nullable: true,
      description:
        'Its value, as it is written in the environment, or its default. Null: the value is a secret, or the setting is not given and its default has no text.',
    }),
    defaultText: t.exposeString('defaultText', { description: 'The default, for people.' }),
  }),
});

builder.queryField('settings', (t) =>
  t.field({
    type: [SettingRef],
    description:
      'All settings of the node that answers, without the values of secrets. Other nodes may be started with others. Empty unless the caller is an administrator.',
    resolve: (_root, _args, { services, caller }) => (may(caller, 'realm.manage', {}) ? [...services.settings] : []),
  }),
);
