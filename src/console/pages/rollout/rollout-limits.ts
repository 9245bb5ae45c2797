// Limits of the gateway, which checks them itself.

/** The longest text of an answer, a reply and a decision, in characters. */
export const ANSWER_CHARACTERS = 2_000;

/** How long an objection without a reply holds its stage, in days. */
export const OBJECTION_HOLD_DAYS = 14;

export const TITLE_CHARACTERS = 100;
export const EXPLANATION_CHARACTERS = 5_000;
export const REPLACEMENT_CHARACTERS = 500;
export const BUDGET_OWNERS_MAX = 1_000_000;

/** How many windows of brownouts there are at most, and on one day. */
export const WINDOWS_MAX = 20;
export const WINDOWS_A_DAY = 2;
