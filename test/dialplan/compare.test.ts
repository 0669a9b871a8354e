import { describe, expect, it } from 'vitest';
import { compareSteps } from '../../src/dialplan/compare.ts';
import { readSteps, type Step } from '../../src/dialplan/steps.ts';

const wanted = readSteps(`
[from-sip-external]
exten => _.,1,Gosub(ipcountry-external,s,1)
exten => _.,2,Goto(ipcountry-freepbx-pass,s,1)
exten => s,1,Gosub(ipcountry-external,s,1)
 same => n(next),Goto(ipcountry-freepbx-pass,s,1)
`);

const loaded: Step[] = wanted.map((step) => ({ ...step, from: 'override.conf:1' }));

const add = (extension: string, priority: number, action: string): Step => ({
  context: 'from-sip-external',
  extension,
  priority,
  label: '',
  action,
  from: 'extensions_additional.conf:7',
});

describe('a context in Asterisk, compared with ours', () => {
  it('is as we wrote it', () => {
    expect(compareSteps(wanted, loaded)).toEqual([]);
  });

  it('is missing as a whole', () => {
    expect(compareSteps(wanted, [])).toMatchObject([
      { kind: 'missing', where: '[from-sip-external]', harmless: false },
    ]);
  });

  it('lacks a priority', () => {
    expect(compareSteps(wanted, loaded.slice(1))).toMatchObject([
      {
        kind: 'missing',
        where: '[from-sip-external] _.,1',
        wanted: 'Gosub(ipcountry-external,s,1)',
      },
    ]);
  });

  it('has another application in a place of ours', () => {
    const other = add('_.', 1, 'NoOp(Received incoming SIP connection)');
    expect(compareSteps(wanted, [other, ...loaded.slice(1)])).toEqual([
      {
        kind: 'different',
        where: '[from-sip-external] _.,1',
        wanted: 'Gosub(ipcountry-external,s,1)',
        found: 'NoOp(Received incoming SIP connection)',
        from: 'extensions_additional.conf:7',
        harmless: false,
      },
    ]);
  });

  it('has another label: a jump to it would go elsewhere', () => {
    const other = loaded.map((step) => (step.label ? { ...step, label: 'other' } : step));
    expect(compareSteps(wanted, other)).toMatchObject([
      { kind: 'different', wanted: expect.stringMatching(/^\(next\) Goto/) },
    ]);
  });

  it("has priorities of FreePBX's behind ours, which nothing reaches", () => {
    expect(compareSteps(wanted, [...loaded, add('_.', 3, 'Goto(s,1)')])).toMatchObject([
      { kind: 'behind', where: '[from-sip-external] _.,3', harmless: true },
    ]);
  });

  it('would reach them if ours did not end for good', () => {
    const open = wanted.map((step) => ({ ...step, action: step.action.replace('Goto', 'NoOp') }));
    expect(compareSteps(open, [...open, add('_.', 3, 'Goto(s,1)')])).toMatchObject([
      { kind: 'behind', harmless: false },
    ]);
  });

  it('has an extension more, which takes calls past us', () => {
    expect(compareSteps(wanted, [...loaded, add('_1NXX', 1, 'Dial(PJSIP/1)')])).toMatchObject([
      { kind: 'foreign', where: '[from-sip-external] _1NXX,1', harmless: false },
    ]);
  });

  it('has one more that only hangs up', () => {
    const found = [...loaded, add('h', 1, 'Hangup()'), add('h', 2, 'NoOp()')];
    expect(compareSteps(wanted, found).map(({ kind, harmless }) => [kind, harmless])).toEqual([
      ['foreign', true],
      ['foreign', true],
    ]);
  });
});
