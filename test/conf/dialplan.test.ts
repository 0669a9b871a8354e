import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { dialplanOfShown } from '../../src/asterisk/dialplan-shown.ts';
import { dialplanOfText } from '../../src/asterisk/dialplan-text.ts';
import { fillGlobals } from '../../src/asterisk/globals.ts';

// That contexts come to be as in a real Asterisk is tested in test/asterisk/dialplan-model.test.ts.
describe('a dialplan', () => {
  it('tells what Asterisk leaves out', () => {
    const { remarks } = dialplanOfText(`
[a]
same => n,NoOp()
exten => 1,n,NoOp()
exten => 1,1,NoOp()
exten => 1,1,NoOp(second)
exten => 1,n(open,NoOp()
exten => 1,nowhere,NoOp()
exten => 2,hint,PJSIP/2
 same => n,NoOp()
exten => ,1,NoOp()
`);
    expect(remarks).toEqual([
      ':3: [a] no extension before it: Asterisk leaves it out',
      ':4: [a] a priority n without one before it: Asterisk leaves it out',
      ':6: [a] 1,1 stands earlier already: Asterisk leaves it out',
      ':7: [a] a label without closing bracket: Asterisk leaves it out',
      ':8: [a] no priority nowhere: Asterisk leaves it out',
      ':10: [a] a priority n behind a hint: Asterisk leaves it out',
      ':11: [a] an extension without a name: Asterisk leaves it out',
    ]);
  });

  it('knows which timing an include has', () => {
    const { contexts } = dialplanOfText('[a]\ninclude => b\ninclude => c,9:00-17:00,mon-fri,*,*\n');
    expect(contexts.get('a')?.includes).toEqual([
      { context: 'b', timing: '' },
      { context: 'c', timing: '9:00-17:00,mon-fri,*,*' },
    ]);
  });
});

test("globals are read off Asterisk's console", () => {
  const text = '   SECOND=2\n   AGI=127.0.0.1:4573\n   EMPTY=\n\n    -- 3 variable(s)\n';
  expect([...dialplanOfShown('', text).globals]).toEqual([
    ['SECOND', '2'],
    ['AGI', '127.0.0.1:4573'],
    ['EMPTY', ''],
  ]);
});

describe('global variables', () => {
  const globals = new Map([
    ['A', 'b'],
    ['Xb', 'PJSIP/trunk'],
  ]);

  it.each([
    [`\${A}`, 'b'],
    [`\${X\${A}}/1`, 'PJSIP/trunk/1'],
    [`\${Xb:6}`, 'trunk'],
    [`\${Xb:-5:2}`, 'tr'],
    [`\${Xb:0:-6}`, 'PJSIP'],
    [`\${NONE}.`, '.'],
    [`\${CALLERID(num)}`, `\${CALLERID(num)}`],
    [`\${IF($[\${A}]?\${A}:c)}`, `\${IF($[b]?b:c)}`],
    [`$A \${A`, '$A b'],
  ])('%s', (text, filled) => expect(fillGlobals(text, globals)).toBe(filled));

  it('end where nothing else does', () => {
    expect(fillGlobals('${'.repeat(10_000), new Map()).length).toBeLessThan(30_000);
  });
});

const line = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.stringMatching(/^(\[a\]|exten => |same => |include => |[_Xns0-9.,(){}[\]$+\\/-]{1,8})*$/, {
    maxLength: 60,
  }),
  fc.stringMatching(
    /^(\[ Context 'a' created by 'b' \]| {2}'[^ ]{0,4}' =>|\d\. | {4}\[a:1\]|[()'[\]]){0,9}$/,
  ),
);

test('no text is too much for the readers', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const text = lines.join('\n');
      expect(dialplanOfText(text).source).toBe('files');
      expect(dialplanOfShown(text, text).source).toBe('running');
    }),
    { numRuns: 500 },
  );
});

test('a dialplan of 20 000 lines is read at once', () => {
  const contexts = Array.from({ length: 1_000 }, (_, i) => [
    `[c${i}]`,
    ...Array.from(
      { length: 5 },
      (_, j) => `exten => _${i}${j}X.,1,NoOp()\n same => n(l),Goto(s,1)`,
    ),
    ...Array.from({ length: 10 }, (_, j) => `exten => s,${j + 1},Dial(PJSIP/\${EXTEN}@trunk,60)`),
  ]);
  const text = contexts.flat().join('\n');
  const before = process.cpuUsage();
  const { contexts: read } = dialplanOfText(text);
  // Processor time, as other tests run beside: some 220 ms.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(1_000);
  expect(read.size).toBe(1_000);
});
