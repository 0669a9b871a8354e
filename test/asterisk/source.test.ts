import { expect, test } from 'vitest';
import { GB, SE, usePbx } from '../support/asterisk-pbx.ts';
import { readTrace } from '../support/asterisk-trace.ts';
import { until } from '../support/asterisk-until.ts';
import { sipp } from '../support/sipp-call.ts';

const pbx = usePbx('freepbx', async ({ server }) => {
  await server.cli('permit', 'GB');
  await server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
});

test('a caller can claim any address in From and Contact: the packets tell', async () => {
  const claims = { from: `<sip:${GB}@${GB}>`, contact: `<sip:x@${GB}:5060>` };
  const since = pbx().asterisk.manager.messages.length;
  // Answers may go to where the headers say: SIPp would wait for them in vain.
  const end = new AbortController();
  const flow = sipp(pbx().world, { source: SE, dial: 'weather', ...claims }, end.signal);
  expect(await strangerSince(since)).toBe('true');
  end.abort();
  await flow.catch(() => {});
});

test("a Via with maddr moves chan_sip's peerip, but not the source", async () => {
  const since = pbx().asterisk.manager.messages.length;
  const end = new AbortController();
  const call = { source: SE, dial: 'weather', via: `;maddr=${GB}` };
  const flow = sipp(pbx().world, call, end.signal);
  expect(await strangerSince(since)).toBe('true');
  end.abort();
  await flow.catch(() => {});
  expect(pbx().server.calls().at(-1)).toMatchObject({ source: SE, outcome: 'stranger' });
});

const strangerSince = (since: number) =>
  until('a verdict', () => {
    const { variables } = readTrace(pbx().asterisk.manager.messages.slice(since));
    return variables['STRANGER'] !== 'unscreened' && variables['STRANGER'];
  });
