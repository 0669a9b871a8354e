import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallRecord, CallRecords } from '../../src/call-records/index.ts';
import { createJournal } from '../../src/journal/index.ts';
import { type LikelySource, rehearse, remedyFor } from '../../src/rehearsal/index.ts';
import type { Call, StrangerReason } from '../../src/screening/index.ts';
import { aCall, aStranger } from '../support/calls.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { listeningLog } from '../support/log.ts';
import { policy } from '../support/policy.ts';

const DAY = 86_400_000;
/** Noon, local time: an hour more or less is the same day. */
const NOW = new Date(2026, 10, 18, 12).getTime();
const SINCE = NOW - 7 * DAY;
const STRANGER = '203.0.113.7';

let place: TestDatabase;
beforeEach(() => {
  place = newDatabase();
});
afterEach(() => place.remove());

interface Placed extends Partial<Call> {
  readonly from?: string;
  readonly at?: number;
  readonly enforced?: boolean;
  readonly reason?: StrangerReason;
  /** Journalled as let through. */
  readonly allowed?: boolean;
}

let number = 0;

/** Journals calls, in monitor mode unless said otherwise. */
function journal(...calls: readonly Placed[]): void {
  const book = createJournal(place.database, { log: listeningLog().log, alerts: false });
  for (const { from = STRANGER, at = NOW, enforced = false, reason, allowed, ...facts } of calls) {
    const uniqueid = `${Math.floor(at / 1_000)}.${number++}`;
    const verdict = allowed
      ? ({ outcome: 'allow', reason: 'permitted' } as const)
      : ({ outcome: 'stranger', reason: reason ?? 'not-permitted' } as const);
    const call = aCall(from, { uniqueid, extension: `${number}`, ...facts });
    book.record(aStranger(from, { at, enforced, verdict, call }));
  }
  book.close();
}

/** The answered calls; the records reach back as far as need be. */
function recorded(records: readonly Partial<CallRecord>[], since = 0): CallRecords {
  const whole = records.map((record) => ({
    ...{ channel: '', uniqueid: '', begins: [NOW], seconds: 60 },
    ...record,
  }));
  const iterate = async function* () {
    yield* whole;
  };
  return { from: 'test', since, records: iterate() };
}

const COUNTRIES: Record<string, string> = { '203.0.113': 'US', '198.51.100': 'GB' };
const country = {
  country: (address: { family: number; value?: number }) =>
    address.family === 4
      ? COUNTRIES[[24, 16, 8].map((bits) => (address.value! >>> bits) & 255).join('.')]
      : undefined,
  operator: () => undefined,
};

const run = (records?: CallRecords, rules = policy({ permit: ['GB'] })) =>
  rehearse(place.database, { since: SINCE, now: NOW, policy: rules, country, records });

const signs = ({ likely }: { likely: readonly LikelySource[] }) =>
  likely.map(({ counted, signs: found }) => `${counted} ${found.join('+')}`);

describe('the calls of the last days', () => {
  it('are judged by the rules of today', async () => {
    journal(
      { from: '198.51.100.1', entry: 'blacklist-check' }, // permitted since then
      { from: STRANGER, allowed: true }, // not any more
      { from: STRANGER },
      { from: STRANGER, enforced: true },
      { from: '192.0.2.1', at: SINCE - 1 },
    );
    expect(await run()).toMatchObject({
      ...{ calls: 4, refused: 3, passed: 2 },
      reasons: [{ name: 'not-permitted', calls: 3 }],
      countries: [{ name: 'US', calls: 3 }],
      networks: [{ name: '203.0.113.0/24', calls: 3 }],
    });
  });

  it('are counted by reason, country and network, the most first, ten of each', async () => {
    const many = Array.from({ length: 12 }, (_, i) => ({ from: `192.0.${i}.1` }));
    journal(...many, ...many.slice(3), { from: '2001:db8:7:1::5' }, { from: '2001:db8:7:2::5' });
    const { networks, countries, reasons } = await run();
    expect(networks).toHaveLength(10);
    expect(networks[0]).toEqual({ name: '192.0.10.0/24', calls: 2 });
    expect(networks).toContainEqual({ name: '2001:db8:7::/48', calls: 2 });
    expect(countries).toEqual([{ name: '', calls: 23 }]);
    expect(reasons).toEqual([{ name: 'country-unknown', calls: 23 }]);
  });

  it('without a sound address stay what they were', async () => {
    journal(
      { from: 'nonsense', reason: 'bad-address' },
      { from: STRANGER, reason: 'bad-address' }, // a forged request
      { from: '198.51.100.1', reason: 'rate' },
      { from: '', entry: 'blacklist-check', allowed: true },
    );
    expect(await run()).toMatchObject({
      refused: 3,
      reasons: [
        { name: 'bad-address', calls: 2 },
        { name: 'rate', calls: 1 },
      ],
    });
  });

  it('for unlisted extensions would not get through either', async () => {
    journal({ from: '198.51.100.1', extension: 'weather', allowed: true });
    expect(await run()).toMatchObject({ refused: 1, reasons: [{ name: 'unlisted', calls: 1 }] });
    const listed = policy({ permit: ['GB'], extensions: { weather: 'dial,PJSIP/951' } });
    expect(await run(undefined, listed)).toMatchObject({ refused: 0 });
  });

  it('are none in a new database', async () => {
    expect(await run()).toEqual({
      ...{ calls: 0, refused: 0, passed: 0, reasons: [], countries: [], networks: [], likely: [] },
    });
  });
});

describe('with call records, a source looks legitimate', () => {
  it('that was answered and stayed', async () => {
    journal({ uniqueid: '1.1' }, { from: '192.0.2.1', uniqueid: '1.2' }, { from: '192.0.2.2' });
    const found = await run(
      recorded([
        { uniqueid: '1.1', seconds: 30 },
        { uniqueid: '1.1', seconds: 4 }, // the same call, after a transfer
        { uniqueid: '1.2', seconds: 29 },
      ]),
    );
    expect(found.likely).toMatchObject([
      {
        ...{ source: STRANGER, counted: STRANGER, country: 'US', reason: 'not-permitted' },
        ...{ calls: 1, days: 1, answered: 1, longest: 30, last: NOW, signs: ['long'] },
      },
    ]);
  });

  it('that came on several days, or for the same number three times, and was answered once', async () => {
    journal(
      ...[1, 2].map((day) => ({ from: '192.0.2.1', at: NOW - day * DAY, uniqueid: `1.${day}` })),
      ...[1, 2, 3].map((n) => ({ from: '192.0.2.2', extension: '951', uniqueid: `2.${n}` })),
      ...[1, 2, 3].map((n) => ({ from: '192.0.2.3', extension: `95${n}`, uniqueid: `3.${n}` })),
      ...[1, 2, 3].map((n) => ({ from: '192.0.2.4', extension: '951', at: NOW - n * DAY })),
    );
    const answered = ['1.2', '2.1', '3.1'].map((uniqueid) => ({ uniqueid, seconds: 5 }));
    expect(signs(await run(recorded(answered)))).toEqual(['192.0.2.2 repeated', '192.0.2.1 days']);
  });

  it('matched by channel and begin where they have no uniqueid', async () => {
    const channel = 'PJSIP/anonymous-00000007';
    journal({ from: '192.0.2.1', channel, at: NOW + 3_000 });
    journal({ from: '192.0.2.2', channel: 'PJSIP/anonymous-00000008' });
    journal({ from: '192.0.2.3', channel, at: NOW - 3_600_000 }); // before Asterisk's restart
    const found = await run(recorded([{ channel, begins: [NOW - 7_200_000, NOW] }]));
    expect(signs(found)).toEqual(['192.0.2.1 long']);
  });

  it('by repetition alone in the days before they begin', async () => {
    const old = NOW - 5 * DAY;
    journal(...[1, 2, 3].map(() => ({ from: '192.0.2.1', extension: '951', at: old })));
    journal(...[1, 2, 3].map(() => ({ from: '192.0.2.2', extension: '951' })));
    expect(signs(await run(recorded([], NOW - DAY)))).toEqual(['192.0.2.1 repeated']);
  });
});

describe('a source', () => {
  const repeated = (facts: Placed): Placed[] =>
    [1, 2, 3].map((n) => ({ extension: '951', at: NOW - n * DAY, ...facts }));

  it('is judged by repetition alone without records', async () => {
    journal(...repeated({}), { from: '192.0.2.1' });
    expect(signs(await run())).toEqual([`${STRANGER} days+repeated`]);
  });

  it('is an IPv6 /64', async () => {
    for (const n of [1, 2, 3]) journal({ from: `2001:db8:7::${n}`, extension: '951' });
    expect((await run()).likely).toMatchObject([
      { source: '2001:db8:7::3', counted: '2001:db8:7::/64', calls: 3 },
    ]);
  });

  it.each<[string, Placed]>([
    ['got through in enforce mode: it did not', { enforced: true }],
    ['is permitted by now', { from: '198.51.100.1', entry: 'blacklist-check' }],
    ['has no address', { from: 'nonsense', reason: 'bad-address' }],
    ['is a scanner', { from: '198.51.100.1', agent: 'friendly-scanner' }],
  ])('is not thought legitimate that %s', async (_, facts) => {
    journal(...repeated(facts));
    const rules = policy({ permit: ['GB'], scanners: ['friendly-scanner'] });
    expect(signs(await run(undefined, rules))).toEqual([]);
  });

  it('that is denied, neither, however long it talked', async () => {
    journal({ uniqueid: '1.1' });
    const rules = policy({ permit: ['GB'], deny: [STRANGER] });
    expect(signs(await run(recorded([{ uniqueid: '1.1' }]), rules))).toEqual([]);
  });

  it('without an address is one where somebody talked', async () => {
    journal({ from: '', reason: 'no-address', uniqueid: '1.1' });
    expect(signs(await run(recorded([{ uniqueid: '1.1' }])))).toEqual([' long']);
  });
});

describe('the command that lets a source in', () => {
  const source: LikelySource = {
    ...{ source: '2001:db8::7', counted: '2001:db8::/64', country: '', calls: 3, days: 1 },
    ...{ answered: 0, longest: 0, extension: 'Weather', domain: 'SIP.example.com', last: NOW },
    ...{ signs: [], reason: 'not-permitted' },
  };

  it.each<[Partial<LikelySource>, string]>([
    [{}, 'ipcountry permit 2001:db8::/64'],
    [{ reason: 'country-unknown' }, 'ipcountry permit 2001:db8::/64'],
    [{ reason: 'rate' }, 'ipcountry trust 2001:db8::/64'],
    [{ reason: 'wrong-domain' }, 'ipcountry domain add sip.example.com'],
    [{ reason: 'wrong-domain', domain: 'x; rm -rf /' }, 'ipcountry domain add DOMAIN'],
    [{ reason: 'unlisted' }, "ipcountry extension add 'weather' --goto CONTEXT,EXTENSION,PRIORITY"],
    [
      { reason: 'unlisted', extension: "'$(id)'" },
      "ipcountry extension add 'EXTENSION' --goto CONTEXT,EXTENSION,PRIORITY",
    ],
    [
      { reason: 'unlisted', extension: '--json' },
      "ipcountry extension add 'EXTENSION' --goto CONTEXT,EXTENSION,PRIORITY",
    ],
    [{ reason: 'bad-address', counted: '' }, 'ipcountry dialplan check'],
  ])('%j: %s', (facts, command) => {
    expect(remedyFor({ ...source, ...facts })).toBe(command);
  });
});
