import { parseAddress } from '../../src/address/index.ts';
import type { JournalEntry } from '../../src/journal/index.ts';
import type { Call, Source } from '../../src/screening/index.ts';

export function sourceAt(text: string): Source {
  const address = parseAddress(text);
  if (address) return { kind: 'address', address };
  return text === '' ? { kind: 'none' } : { kind: 'malformed', text };
}

export function aCall(source: string, facts: Partial<Call> = {}): Call {
  return {
    entry: 'external',
    source: sourceAt(source),
    technology: 'PJSIP',
    channel: 'PJSIP/anonymous-00000001',
    uniqueid: '1700000000.1',
    sipuri: 'sip:bob@198.51.100.7',
    domain: 'sip.example.com',
    extension: 'weather',
    number: '900',
    name: 'Bob',
    agent: 'SomePhone/1.0',
    ...facts,
  };
}

/** A stranger, refused. */
export function aStranger(source: string, facts: Partial<JournalEntry> = {}): JournalEntry {
  return {
    at: 1_700_000_000_000,
    call: aCall(source),
    verdict: { outcome: 'stranger', reason: 'not-permitted' },
    country: 'RU',
    operator: undefined,
    enforced: true,
    micros: 120,
    ...facts,
  };
}
