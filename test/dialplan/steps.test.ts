import { describe, expect, it } from 'vitest';
import { dialplanText } from '../../src/dialplan/source.ts';
import { readGlobals, readShownSteps, readSteps, type Step } from '../../src/dialplan/steps.ts';

const short = ({ context, extension, priority, label, action }: Step) =>
  `[${context}] ${extension},${priority}${label && `(${label})`} ${action}`;

describe('a dialplan file', () => {
  it('is read as pbx_config does: n counts on from the line before, same repeats its extension', () => {
    const text = `
[globals]
A=1
; [no]
[t1]
exten => T,1,Goto(s,answered)
exten => s,1,NoOp(1)
 same => n,NoOp(2)
exten => T,5,Goto(s,answered)
exten => s,n(answered),NoOp(a)
 same => n,NoOp(b\\;c ; comment)
 same => n,NoOp(d) ; trailing
exten => _X.,1,NoOp
 same=n,Set(a=b)
[t2]
exten = y,1,Macro(x)
`;
    expect(readSteps(text).map(short)).toEqual([
      '[t1] T,1 Goto(s,answered)',
      '[t1] s,1 NoOp(1)',
      '[t1] s,2 NoOp(2)',
      '[t1] T,5 Goto(s,answered)',
      '[t1] s,6(answered) NoOp(a)',
      // The comment took the bracket with it: Asterisk closes it, too.
      '[t1] s,7 NoOp(b;c)',
      '[t1] s,8 NoOp(d)',
      '[t1] _X.,1 NoOp()',
      '[t1] _X.,2 Set(a=b)',
      '[t2] y,1 Macro(x)',
    ]);
    expect([...readGlobals(text)]).toEqual([['A', '1']]);
  });

  it.each(['freepbx', 'plain'] as const)(
    'of ours for %s has no line that is not understood',
    (kind) => {
      const text = dialplanText(kind, '127.0.0.1:4573');
      const lines = text.split('\n').filter((line) => /^\s*(exten|same)\b/.test(line));
      expect(readSteps(text)).toHaveLength(lines.length);
    },
  );

  it.each(['freepbx', 'plain'] as const)('of ours for %s ends every extension for good', (kind) => {
    const last = new Map(
      readSteps(dialplanText(kind, 'x:1')).map((step) => [
        `${step.context} ${step.extension}`,
        step,
      ]),
    );
    for (const { action } of last.values()) expect(action).toMatch(/^(Goto|Return|Hangup)\(/);
  });
});

// As printed by Asterisk 22.10 and 16.28.
const SHOWN = `[ Context 'from-sip-external' created by 'pbx_config' ]
  '100' (CID match '12345') =>  1. NoOp(cid)                                  [extensions.conf:14]
  '5551234' =>      hint: PJSIP/100                               [extensions.conf:16]
                    1. Dial(PJSIP/100)                            [extensions.conf:15]
  's' =>            1. Gosub(ipcountry-external,s,1)              [ours.conf:164]
     [setlanguage]  3. Set(CHANNEL(language)=\${SIPLANG})          [extensions.conf:10]
                    12. GotoIf($["\${STRANGER}" = "true"]?ipcountry-refuse,s,1) [ours.conf:32]
  '_.' =>           1. Gosub(ipcountry-external,s,1)              [ours.conf:160]
  Include =>        'from-sip-external-custom'                    [pbx_config]
  Ignore pattern => '9'                                           [pbx_config]
  Alt. Switch =>    'Realtime/x@y'                                [pbx_config]

-= 6 extensions (13 priorities) in 1 context. =-
`;

describe("what Asterisk's console shows", () => {
  it('are steps with the file they come from', () => {
    const steps = readShownSteps(SHOWN);
    expect(steps.map((step) => `${short(step)} ${step.from}`)).toEqual([
      '[from-sip-external] 100/12345,1 NoOp(cid) extensions.conf:14',
      '[from-sip-external] 5551234,1 Dial(PJSIP/100) extensions.conf:15',
      '[from-sip-external] s,1 Gosub(ipcountry-external,s,1) ours.conf:164',
      `[from-sip-external] s,3(setlanguage) Set(CHANNEL(language)=\${SIPLANG}) extensions.conf:10`,
      `[from-sip-external] s,12 GotoIf($["\${STRANGER}" = "true"]?ipcountry-refuse,s,1) ours.conf:32`,
      '[from-sip-external] _.,1 Gosub(ipcountry-external,s,1) ours.conf:160',
    ]);
  });

  it('are the same where the console has colours', () => {
    const coloured = SHOWN.replaceAll("'s'", "\u001b[1;36m's'\u001b[0m");
    expect(readShownSteps(coloured)).toEqual(readShownSteps(SHOWN));
  });

  it('is nothing where the context is not there', () => {
    const text =
      "There is no existence of 'nosuch' context\nCommand 'dialplan show nosuch' failed.\n";
    expect(readShownSteps(text)).toEqual([]);
  });
});
