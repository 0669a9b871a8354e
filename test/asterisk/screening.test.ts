import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERSIONS } from '../support/asterisk-lab.ts';
import { GB, type Pbx, SE, startPbx } from '../support/asterisk-pbx.ts';

describe.each(VERSIONS)('an anonymous call to $name', (version) => {
  let pbx: Pbx;
  beforeAll(async () => {
    pbx = await startPbx(version, 'freepbx');
    await pbx.server.cli('permit', 'GB');
    await pbx.server.cli('extension', 'add', 'weather', '--goto', 'reached,weather,1');
  });
  afterAll(() => pbx?.close());

  test('a permitted caller reaches the route of the extension', async () => {
    const call = await pbx.call({ source: GB, dial: 'weather' });
    expect(call.outcome).toBe('reached weather');
    expect(call.variables['STRANGER']).toBe('false');
    expect(call.sipp.code).toBe(0);
  });
  test('stranger', async () => {
    const call = await pbx.call({ source: SE, dial: 'weather' });
    expect(call.outcome).toBe('refused');
    expect(call.variables['STRANGER']).toBe('true');
    console.log(await pbx.server.calls(), call.sipp, pbx.server.mails());
  });
});
