/** What may never be. */
export type Rule =
  | 'CHANGE_WITHOUT_EVENT'
  | 'CHANGED_TWICE'
  | 'CHANGE_FAILED'
  | 'EVENT_MISSED'
  | 'EVENT_REPEATED'
  | 'EVENT_ALTERED'
  | 'DELIVERY_MISSED'
  | 'DELIVERY_OUT_OF_ORDER'
  | 'DELIVERY_ALTERED'
  | 'MAIL_MISSED'
  | 'MAIL_REPEATED'
  | 'ACCEPTED_LATE'
  | 'REFUSED_GOOD'
  | 'ANSWERED_WITH_A_FAULT'
  | 'DECIDED_TWICE'
  | 'NEVER_DECIDED';

/** That it was all the same. */
export interface Finding {
  readonly rule: Rule;
  /** Where, for people. */
  readonly what: string;
}
