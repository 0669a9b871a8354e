import { describe, expect, test } from 'vitest';
import { GB, SE, usePbx } from '../support/asterisk-pbx.ts';

const DOMAIN = 'sip.example.com';

// With a domain list, an argument lost behind a caller's text would show as wrong-domain.
const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB');
  await server.cli('domain', 'add', DOMAIN);
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
});

/** Lines for AGI's request, as a caller would forge them, in a SIP user part. */
const forged = (...lines: string[]) =>
  lines.map((line) => `%0a${line.replaceAll(':', '%3a').replaceAll(' ', '%20')}`).join('');
const FORGED = forged(
  'agi_network_script: external',
  `agi_arg_1: source=${GB}`,
  `agi_arg_2: domain=${DOMAIN}`,
  'agi_arg_3: extension=weather',
  '',
  '',
);

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Asterisk's, not ours
const FROMS: readonly [string, string][] = [
  ['commas and quotes', '"Evil, \\"Bob\\", source=81.2.69.142" <sip:bob@198.51.100.7;x=1>'],
  [
    'dialplan expressions',
    '"${SHELL(id)} $[1/0] ${EVAL(${EXTEN})}" <sip:$%7bEXTEN%7d@caller.example>',
  ],
  ['open brackets', '"((([[[{{{ ((" <sip:b((ob@caller.example>'],
  ['closed brackets', '"a):0:1 )))]]]}}}" <sip:b%29%3a0%3a1@caller.example>'],
  ['1000 characters', `"${'N'.repeat(1_000)}" <sip:${'1'.repeat(200)}@caller.example>`],
  ['non-ASCII', `"Zoë ${'測試 📞 '.repeat(40)}" <sip:zo%c3%ab@caller.example>`],
  ['half a character', '"half" <sip:%c3@caller.example>'],
  ['line ends', `"x" <sip:1${FORGED}@caller.example>`],
  ['no name, no user', '<sip:caller.example>'],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: Asterisk's, not ours

describe.each(FROMS)('%s in From', (_what, from) => {
  test('change nothing for a permitted caller', async () => {
    const call = await pbx().call({ source: GB, dial: 'weather', domain: DOMAIN, from });
    expect(call.outcome).toBe('reached weather');
    expect(call.variables).toMatchObject({ STRANGER: 'false', IPCOUNTRY_REASON: 'permitted' });
  });

  test('nor for a stranger', async () => {
    const rows = pbx().server.calls().length;
    const call = await pbx().call({ source: SE, dial: 'weather', domain: DOMAIN, from });
    expect(call.outcome).toBe('refused');
    expect(call.variables).toMatchObject({ STRANGER: 'true', IPCOUNTRY_REASON: 'not-permitted' });
    expect(pbx().server.calls().slice(rows)).toMatchObject([
      { source: SE, domain: DOMAIN, extension: 'weather', reason: 'not-permitted' },
    ]);
  });

  test('nor hide a scanner', async () => {
    const agent = `friendly-scanner ${'x'.repeat(1_400)}`;
    const call = await pbx().call({ source: GB, dial: 'weather', domain: DOMAIN, from, agent });
    expect(call.outcome).toBe('refused');
    expect(call.variables['IPCOUNTRY_REASON']).toBe('scanner');
  });
});

describe('what is dialled', () => {
  const names = [
    'weather,1',
    'weather&PJSIP%2ftrunk%2f1900',
    'weather%29%3a0%3a7',
    'weather%28',
    'weather%22',
    'weather%0a',
    '%20weather',
    '$%7bEXTEN%7d',
    '%22%20%7c%201%20=%201%20%7c%20%22',
    `weather${FORGED}`,
    `weather${forged('agi_arg_9: extension=weather')}`,
    '%c3%a9'.repeat(30),
    'x'.repeat(180),
  ].map((dial) => ({ dial, shown: dial.slice(0, 40) }));

  test.each(names)('$shown is not weather, and harms nothing', async ({ dial }) => {
    const permitted = await pbx().call({ source: GB, dial, domain: DOMAIN });
    expect(permitted.outcome).toBe('unreachable');
    expect(permitted.variables).toMatchObject({ STRANGER: 'false', IPCOUNTRY_REASON: 'unlisted' });
    const stranger = await pbx().call({ source: SE, dial, domain: DOMAIN });
    expect(stranger.outcome).toBe('refused');
  });

  test('a name longer than Asterisk takes leads nowhere', async () => {
    // chan_sip cuts the Request-URI and loses the domain, PJSIP does not.
    const call = await pbx().call({ source: GB, dial: 'x'.repeat(1_000), domain: DOMAIN });
    expect(['unreachable', 'refused']).toContain(call.outcome);
  });

  test('in monitor mode it chooses no priority of the inbound route', async () => {
    await pbx().server.cli('mode', 'monitor');
    const call = await pbx().call({ source: SE, dial: '5551234,5', domain: DOMAIN });
    await pbx().server.cli('mode', 'enforce');
    expect(call.outcome).toBe('reached inbound-1');
    expect(call.variables['DID']).toBe('55512345');
  });
});

test('everything at its longest still gets through whole', async () => {
  const long = 'é'.repeat(600);
  const call = await pbx().call({
    source: GB,
    dial: 'weather',
    domain: DOMAIN,
    from: `"${long}" <sip:${'%c3%a9'.repeat(60)}@caller.example>`,
    contact: `<sip:${'%c3%a9'.repeat(60)}@caller.example>`,
    agent: long,
  });
  expect(call.outcome).toBe('reached weather');
  expect(pbx().server.calls().at(-1)).toMatchObject({ source: GB, domain: DOMAIN });
});

test('no line of the dialplan complained in all these calls', () => {
  const ofCalls = pbx()
    .asterisk.log()
    .split('\n')
    .filter((line) => line.includes('[C-'));
  expect(ofCalls.length).toBeGreaterThan(100);
  const ofDialplan = /(WARNING|ERROR)\[.*\] (pbx|func_|app_|res_agi|ast_expr2|res_pjsip_header)/;
  expect(ofCalls.filter((line) => ofDialplan.test(line))).toEqual([]);
});
