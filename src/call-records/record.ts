/** What Asterisk's call detail records (CDR) tell of one call. */
export interface CallRecord {
  /** `PJSIP/anonymous-0000002a`: unique until Asterisk restarts. */
  readonly channel: string;
  /** Empty where it was not recorded. */
  readonly uniqueid: string;
  /**
   * When the call began, in milliseconds since 1970: one number for each reading of a time whose
   * zone is not recorded.
   */
  readonly begins: readonly number[];
  /** Seconds for which it was answered; 0 where nobody but an announcement answered. */
  readonly seconds: number;
}

/** Records of the calls since some time, the oldest first. */
export interface CallRecords {
  /** Where they come from, for people: a file name, a database. */
  readonly from: string;
  /** Milliseconds since 1970: of calls before that nothing is recorded (any more). */
  readonly since: number;
  readonly records: AsyncIterable<CallRecord>;
}

/** The columns that tell how a call ended, under their names in cdr_csv.c and FreePBX's table. */
export interface Ending {
  readonly disposition: string;
  readonly billsec: number;
  /** Where in the dialplan the call ended. */
  readonly dcontext: string;
  readonly lastapp: string;
  readonly lastdata: string;
}

/** What a PBX answers a call with that leads nowhere: words and tones. */
const DEAD_ENDS = /^(congestion|playtones|busy|zapateller)$/i;
const NO_SERVICE = /\bss-noservice\b/;
/** Contexts of dialplan/ that end so: FreePBX's way with anonymous calls that it does not allow. */
const OWN_DEAD_ENDS = /^ipcountry-(freepbx-pass|refuse|unreachable)$/;

/** Seconds for which somebody, or something but a dead end, answered. */
export function answeredSeconds(ending: Ending): number {
  const { disposition, billsec, dcontext, lastapp, lastdata } = ending;
  if (disposition !== 'ANSWERED' || !Number.isInteger(billsec) || billsec <= 0) return 0;
  const nobody =
    DEAD_ENDS.test(lastapp) || NO_SERVICE.test(lastdata) || OWN_DEAD_ENDS.test(dcontext);
  return nobody ? 0 : billsec;
}

/**
 * When the channel was made: `1700000000.42`, or with a system name `pbx-1700000000.42`.
 * @returns milliseconds since 1970; undefined where the text is no uniqueid
 */
export function uniqueidTime(text: string): number | undefined {
  const seconds = /^(?:.*-)?(\d{9,11})\.\d+$/.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
