import { type CallRecords, openMasterCsv, readCdrTable } from '../call-records/index.ts';
import type { Config } from '../config.ts';
import { detectKind } from '../dialplan/index.ts';
import { Fault } from '../errors.ts';

export interface FoundRecords {
  readonly records: CallRecords | undefined;
  /** Why what was looked at first, or all, can't be read. */
  readonly remarks: readonly string[];
}

/**
 * Asterisk's call records since `since` (milliseconds since 1970): FreePBX's table where FreePBX is
 * on this host or its account configured, else the file of cdr_csv.
 */
export async function callRecords(config: Config, since: number): Promise<FoundRecords> {
  const table = () => readCdrTable({ ...config.freepbx, database: config.cdr.database }, since);
  const file = () => openMasterCsv(config.cdr.csv, since);
  const freepbx = config.freepbx.password !== '' || detectKind() === 'freepbx';
  const remarks: string[] = [];
  for (const open of freepbx ? [table, file] : [file]) {
    try {
      return { records: await open(), remarks };
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      remarks.push(cause.message);
    }
  }
  return { records: undefined, remarks };
}
