/** For how long a module that looped or crashed is on trial, and runs only after all others. */
const SUSPICION_MS = 10_000;

/** For how long after a module looped or crashed no module of Keytide's own runs beside others that has not returned yet. */
const ALARM_MS = 600_000;

/** Two requests to several modules that end the process within this time have each module of both asked alone, for as long. */
const ALONE_MS = 600_000;

/** What is known of how a module behaves. */
export interface Conduct {
  /** Whether it looped or crashed recently. */
  isSuspect(): boolean;
  /** Records that it looped or crashed. */
  suspect(): void;
  /** Records that a process crashed in which it evaluated a batch. Returns how often that happened since it last returned. */
  countCrash(): number;
  /** Records that it looped or crashed for a key. Returns for how many keys it did so since it last returned. */
  blame(keyId: string): number;
  /** Records that it returned. */
  trust(): void;
}

/** The record of a module. */
export interface ModuleConduct extends Conduct {
  /** Whether it has returned, and has not looped or crashed since. */
  isTrusted(): boolean;
  /**
   * Whether it must run in a process apart: it looped or crashed since it last returned, or it has not returned yet. A module
   * of Keytide's own that has not returned yet runs beside others unless a module looped or crashed recently.
   */
  isApart(): boolean;
  /**
   * Whether it must not be asked in one request with others: it was in two such requests lately that did not all return, so that
   * it may loop now and then, for which no module is at fault until it loops alone.
   */
  isAlone(): boolean;
  /** Records that a request to several modules ended without replies, in which it was or may have been evaluated. */
  doubt(): void;
}

/** The records of all modules. */
export interface ConductBook {
  /** Returns the record of a module by its hash. */
  of(hash: string): ModuleConduct;
  /** Whether any module looped or crashed recently. */
  isAlarmed(): boolean;
}

/** `isOwn`: whether a module comes with Keytide. */
export function watchConduct(isOwn: (hash: string) => boolean): ConductBook {
  const suspectUntil = new Map<string, number>();
  const trusted = new Set<string>();
  const crashes = new Map<string, number>();
  const faultyKeys = new Map<string, Set<string>>();
  const doubtedAt = new Map<string, number>();
  const aloneUntil = new Map<string, number>();
  let alarmUntil = 0;
  const isSuspect = (hash: string) => (suspectUntil.get(hash) ?? 0) > performance.now();
  const isAlone = (hash: string) => (aloneUntil.get(hash) ?? 0) > performance.now();
  const isAlarmed = () => alarmUntil > performance.now();
  return {
    isAlarmed,
    of: (hash) => ({
      isSuspect: () => isSuspect(hash),
      isTrusted: () => trusted.has(hash),
      isApart: () => !trusted.has(hash) && (!isOwn(hash) || suspectUntil.has(hash) || isAlarmed()),
      isAlone: () => isAlone(hash),
      doubt() {
        const now = performance.now();
        if (now - (doubtedAt.get(hash) ?? -ALONE_MS) < ALONE_MS) aloneUntil.set(hash, now + ALONE_MS);
        doubtedAt.set(hash, now);
      },
      suspect() {
        if (isAlone(hash)) aloneUntil.set(hash, performance.now() + ALONE_MS);
        trusted.delete(hash);
        suspectUntil.set(hash, performance.now() + SUSPICION_MS);
        alarmUntil = performance.now() + ALARM_MS;
      },
      countCrash() {
        const count = (crashes.get(hash) ?? 0) + 1;
        crashes.set(hash, count);
        return count;
      },
      blame(keyId) {
        const keyIds = (faultyKeys.get(hash) ?? new Set()).add(keyId);
        faultyKeys.set(hash, keyIds);
        return keyIds.size;
      },
      trust() {
        if (isSuspect(hash)) return;
        trusted.add(hash);
        suspectUntil.delete(hash);
        crashes.delete(hash);
        faultyKeys.delete(hash);
      },
    }),
  };
}
