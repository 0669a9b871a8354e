import { expect, it } from 'vitest';
import { dialplanOfText } from '../../src/asterisk/index.ts';
import { isAnyNumber, isInternational, numberOf } from '../../src/audit/dialled-number.ts';

function number(pattern: string, ...texts: readonly string[]) {
  const steps = texts.map((text) => `same => n,Dial(PJSIP/\${${text}}@trunk)`);
  const text = ['[globals]', 'CUT=2', '[out]', `exten => ${pattern},1,NoOp()`, ...steps].join('\n');
  const dialplan = dialplanOfText(text);
  const [extension] = dialplan.contexts.get('out')!.extensions;
  return numberOf({ context: 'out', extension: extension! }, dialplan);
}

it.each([
  ['_.', ['EXTEN'], true],
  ['_X!', ['EXTEN'], true],
  ['_[0-9+].', ['EXTEN'], true],
  ['_9.', ['EXTEN:1'], true],
  ['_88X.', [`EXTEN:\${CUT}`], true],
  ['_88X.', [`EXTEN:\${GLOBAL(CUT)}`], true],
  ['_9.', ['EXTEN'], false],
  ['_88X.', ['EXTEN:1'], false],
  // The longest that goes out somewhere.
  ['_88X.', ['EXTEN:2', 'EXTEN:1'], false],
  ['_XXXX', ['EXTEN'], false],
])('%s less %j takes any number: %j', (pattern, texts, any) =>
  expect(isAnyNumber(number(pattern, ...texts))).toBe(any),
);

it.each([
  ['_00.', ['EXTEN'], true],
  ['_011XXXXXXX', ['EXTEN'], true],
  ['_9011.', ['EXTEN:1'], true],
  ['_+X.', ['EXTEN'], true],
  ['_0X.', ['EXTEN'], true],
  ['_XXXXXXXXXXXX', ['EXTEN'], true],
  ['_0XXXXXXXXXX', ['EXTEN'], false],
  ['_0ZX.', ['EXTEN'], false],
  ['_01X.', ['EXTEN'], false],
  ['_NXX.', ['EXTEN'], false],
  ['_9011.', ['EXTEN'], false],
  ['_0', ['EXTEN'], false],
])('%s less %j is international: %j', (pattern, texts, international) =>
  expect(isInternational(number(pattern, ...texts))).toBe(international),
);
