import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type RunningGuard, runAtPbx, startGuard } from '../support/asterisk-guard.ts';
import { GB, JP, KR, SE, usePbx } from '../support/asterisk-pbx.ts';
import { until } from '../support/asterisk-until.ts';
import { PBX_IPV4 } from '../support/netns-world.ts';
import { sipAnswers } from '../support/sip-ping.ts';
import { sipp } from '../support/sipp-call.ts';
import { type Registration, register } from '../support/sipp-register.ts';

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB', 'JP');
});

let guard: RunningGuard;
beforeAll(async () => {
  guard = await startGuard(pbx());
});
afterAll(() => guard.stop());

afterEach(async () => {
  for (const counted of pbx().server.blocks()) await cli('guard', 'unblock', counted);
});

const cli = async (...argv: string[]) => {
  const { code, out, err } = await runAtPbx(pbx(), argv);
  if (code === 2) throw new Error(err);
  return out;
};
const phone = (source: string, more: Partial<Registration> = {}) =>
  register(pbx().world, { source, user: '1001', password: 'secret-1001', ...more });
const answers = (source: string) => sipAnswers(pbx().world, source);
const rx = (line: string) => pbx().asterisk.rx(line);
const registrations = () =>
  rx(pbx().asterisk.version.channel === 'PJSIP' ? 'pjsip show contacts' : 'sip show peers');
const isRegistered = async (address: string) => (await registrations()).includes(address);
const gone = (address: string) =>
  until(`${address} to be registered no more`, async () => !(await isRegistered(address)));
/** The guard's line about the block of a source, from now on. */
const blockOf = (source: string) => {
  const since = guard.lines.length;
  return () => guard.logged('guard: blocked', since, (line) => line['source'] === source);
};

describe('a phone', () => {
  test('in a permitted country registers, over IPv4 and IPv6, and stays', async () => {
    expect((await phone(GB)).status).toBe(200);
    expect((await phone(JP, { user: '1002', password: 'secret-1002' })).status).toBe(200);
    const rows: { role: string; peer: string; country: string; ok: boolean | null }[] = JSON.parse(
      await cli('--json', 'guard', 'list'),
    );
    const phones = rows.filter(({ peer, ok }) => /\/100\d$/.test(peer) && ok !== null);
    expect(phones.map(({ peer, country, ok }) => [peer.slice(-4), country, ok])).toEqual([
      ['1001', 'GB', true],
      ['1002', 'JP', true],
    ]);
    expect(pbx().server.blocks()).toEqual([]);
  });

  test.each([
    ['IPv4', SE, SE],
    ['IPv6', KR, '2001:220::/64'],
  ])(
    'of a stranger over %s is shut out: blocked, unregistered, its packets dropped',
    async (_, source, counted) => {
      expect(await answers(source)).toBe(true);
      const block = blockOf(source);
      await phone(source);
      expect(await block()).toMatchObject({ reason: 'not-permitted', endpoint: '1001' });
      await gone(source);
      expect(pbx().server.blocks()).toEqual([counted]);
      expect(await answers(source)).toBe(false);
      await cli('guard', 'unblock', counted);
      expect(await answers(source)).toBe(true);
    },
  );

  test('that was permitted and comes from a foreign address is shut out there', async () => {
    expect((await phone(GB)).status).toBe(200);
    const block = blockOf(SE);
    await phone(SE);
    await block();
    await gone(SE);
    expect([await answers(SE), await answers(GB)]).toEqual([false, true]);
    expect((await phone(GB)).status).toBe(200);
  });

  test('claims in its contact to be elsewhere: its packets tell', async () => {
    const block = blockOf(SE);
    const contact = `<sip:1002@81.2.69.143:5060>`;
    await phone(SE, { user: '1002', password: 'secret-1002', contact });
    await block();
    await gone('81.2.69.143');
    expect(pbx().server.blocks()).toEqual([SE]);
  });

  test('that no rule covers any more is put out; permitted again, it is let in', async () => {
    await pbx().server.cli('permit', 'SE');
    expect((await phone(SE)).status).toBe(200);
    const block = blockOf(SE);
    await pbx().server.cli('remove', 'permit', 'SE');
    await block();
    await gone(SE);
    expect(await answers(SE)).toBe(false);
    await pbx().server.cli('permit', SE);
    await until('the phone to be let in', () => answers(SE));
    expect(pbx().server.blocks()).toEqual([]);
    await pbx().server.cli('remove', 'permit', SE);
  });
});

test('a brute force is blocked at the fifth wrong password, from a permitted country, too', async () => {
  const block = blockOf(GB);
  for (let n = 1; n <= 4; n++) await phone(GB, { password: `wrong-${n}` });
  expect([pbx().server.blocks(), await answers(GB)]).toEqual([[], true]);
  await phone(GB, { password: 'wrong-5' });
  expect((await block())['evidence']).toMatch(/InvalidPassword|ChallengeResponseFailed/);
  expect(await answers(GB)).toBe(false);
});

test('refused calls are strikes', async () => {
  const block = blockOf(SE);
  const end = new AbortController();
  // At the fifth the firewall shuts: SIPp would wait in vain for the ends of its calls.
  const calls = sipp(pbx().world, { source: SE, dial: 'weather', calls: 5 }, end.signal);
  expect((await block())['reason']).toBe('strikes');
  end.abort();
  await calls.catch(() => {});
  expect(await answers(SE)).toBe(false);
});

test('a call of whoever is blocked is hung up', async () => {
  await pbx().server.cli('permit', 'SE');
  await pbx().server.cli('extension', 'add', 'hold', '--goto', 'hold,s,1');
  const since = pbx().asterisk.manager.messages.length;
  const end = new AbortController();
  const call = sipp(pbx().world, { source: SE, dial: 'hold', listen: 60_000 }, end.signal);
  await until('the call to be up', async () => (await rx('core show channels')).includes('hold'));
  await cli('guard', 'block', SE, '--for', '1h');
  await pbx().follow(since, /SIP\//);
  end.abort();
  await call.catch(() => {});
  await pbx().server.cli('remove', 'permit', 'SE');
});

test('svcrack is blocked at the fifth password that it tries', async () => {
  const since = guard.lines.length;
  const argv = ['svcrack', '-v', '-v', '-u1002', '-r1-500', '-b', GB, '-x', GB, PBX_IPV4];
  const cracker = pbx().world.outside(argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [cracker.stdout!, cracker.stderr!])
    stream.on('data', (text) => said.push(text));
  try {
    const block = await guard.logged('guard: blocked', since, (line) => line['source'] === GB);
    expect(block['reason']).toBe('strikes');
    const heard = guard.lines.slice(since, guard.lines.indexOf(block));
    expect(heard.filter((line) => line.msg === 'guard: event')).toHaveLength(5);
    await until('svcrack to be shut out', async () => !(await answers(GB)));
  } catch (cause) {
    throw new Error(`svcrack said: ${Buffer.concat(said)}`, { cause });
  } finally {
    cracker.kill('SIGKILL');
  }
});

test('status knows that the guard runs and the firewall stands; and that it does not, once it is killed', async () => {
  const status = async () => {
    const { out } = await runAtPbx(pbx(), ['status', '--json']);
    const { guard: found, firewall, problems } = JSON.parse(out);
    const codes = problems.map(({ code }: { code: string }) => code);
    // The country data of these tests may be of any age.
    return {
      guard: found,
      firewall,
      problems: codes.filter((code: string) => code !== 'country-old'),
    };
  };
  await until('the guard to tell of its connection', async () => {
    return (await status()).guard.away === null; // every ten seconds
  });
  expect(await status()).toMatchObject({
    guard: { running: true, away: null },
    firewall: { level: 'blocks', stands: true },
    problems: [],
  });
  await guard.stop('SIGKILL');
  const nft = ['nft', 'delete', 'table', 'inet', 'ipcountry'];
  await once(pbx().world.atPbx(nft, { stdio: 'inherit' }), 'close');
  expect(await status()).toMatchObject({
    firewall: { level: 'blocks', stands: false },
    problems: ['firewall-absent'],
  });
});
