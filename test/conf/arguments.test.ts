import { describe, expect, it } from 'vitest';
import { separateArguments, splitApplication } from '../../src/asterisk/arguments.ts';

describe('arguments of an application', () => {
  it.each([
    ['', []],
    ['PJSIP/1@trunk,60,tT', ['PJSIP/1@trunk', '60', 'tT']],
    ['a,', ['a', '']],
    [',,b', ['', '', 'b']],
    ['M(x,y),b', ['M(x,y)', 'b']],
    ['[a,b],c', ['[a,b]', 'c']],
    ['"a,b",c', ['a,b', 'c']],
    ['a\\,b,c\\\\', ['a,b', 'c\\']],
    ['a),b', ['a)', 'b']],
    ['(a,b', ['(a,b']],
    ['a\\', ['a']],
  ])('%s', (text, parts) => expect(separateArguments(text)).toEqual(parts));

  it('keeps quotes and backslashes where they are to be taken apart again', () => {
    expect(separateArguments('Set(A="x:y"):Set(B=\\:)', { by: ':', raw: true })).toEqual([
      'Set(A="x:y")',
      'Set(B=\\:)',
    ]);
  });

  it('leaves the rest to the last one', () => {
    expect(separateArguments('a,b,c,"d', { most: 2 })).toEqual(['a', 'b,c,"d']);
  });
});

describe('an application', () => {
  it.each([
    [`Dial(PJSIP/\${EXTEN}@trunk,60)`, 'Dial', `PJSIP/\${EXTEN}@trunk,60`],
    ['Answer', 'Answer', ''],
    [' NoOp(a(b)c)d', 'NoOp', 'a(b)c'],
    ['NoOp(a', 'NoOp', 'a'],
    ['NoOp)(', 'NoOp)', ''],
  ])('%s', (text, application, data) =>
    expect(splitApplication(text)).toEqual({ application, data }),
  );
});
