export { readCdrTable } from './cdr-table.ts';
export { openMasterCsv } from './master-csv.ts';
export type { CallRecord, CallRecords } from './record.ts';
