import { retainForEver, type RetentionByTable } from '../store/retention-rule.ts';

export const bindingRetention = {
  Binding: retainForEver('The reasons of stops name the binding, also after it was unbound.'),
} satisfies RetentionByTable;
