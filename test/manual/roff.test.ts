import { describe, expect, it } from 'vitest';
import { helpText } from '../../src/manual/help-text.ts';
import { line, prose, request, tagged, typed } from '../../src/manual/roff.ts';

describe('roff', () => {
  it.each([
    ['a plain-hyphen', 'a plain\\-hyphen'],
    ['\\fB', '\\efB'],
    ["don't", 'don\\(aqt'],
    ['`a` ~/x ^', '\\(gaa\\(ga \\(ti/x \\(ha'],
    ['.SH x', '\\&.SH x'],
    ["'br", '\\(aqbr'],
    ['…é', '\\[u2026]\\[u00E9]'],
    ['\u{1f4de}', '\\[u1F4DE]'],
  ])('has %j as %j', (text, roff) => {
    expect(line(text)).toBe(roff);
  });

  it('quotes the words of a request', () => {
    expect(request('SH', 'SEE ALSO')).toBe('.SH "SEE ALSO"');
    expect(request('TH', 'X', '', 'a "b"')).toBe('.TH X "" "a \\(dqb\\(dq"');
  });

  it('has a sentence a line, wherever the text was broken', () => {
    expect(prose('One\n  two. Three, e. g. this! Four (five.) Six')).toEqual([
      'One two.',
      'Three, e. g. this!',
      'Four (five.) Six',
    ]);
    expect(prose('.x. Y')).toEqual(['\\&.x.', 'Y']);
  });

  it.each([
    ['-f, --follow', '\\fB\\-f\\fR, \\fB\\-\\-follow\\fR'],
    ['--for <duration>', '\\fB\\-\\-for\\fR \\fIduration\\fR'],
    ['<list> <subject...>', '\\fIlist\\fR \\fIsubject\\fR...'],
    ['[kind]', '[\\fIkind\\fR]'],
    ['--color [when]', '\\fB\\-\\-color\\fR [\\fIwhen\\fR]'],
  ])('shows how to type %j', (flags, roff) => {
    expect(typed(flags)).toBe(roff);
  });

  it('has terms and what they are', () => {
    expect(tagged(typed('--yes'), "don't ask")).toEqual([
      '.TP',
      '\\fB\\-\\-yes\\fR',
      'don\\(aqt ask',
    ]);
  });
});

describe('the text behind a help', () => {
  it('is filled; examples stay as they are', () => {
    expect(helpText('\nOne two\nthree. Four.\n\nExamples:\n  a --b\n    c\n')).toEqual([
      ...['.PP', 'One two three.', 'Four.'],
      ...['.PP', 'Examples:', '.RS 2', '.EX', 'a \\-\\-b', '  c', '.EE', '.RE'],
    ]);
  });

  it('may go on behind its examples, and may be nothing', () => {
    expect(helpText('Examples:\n  a\nThen b.')).toEqual([
      ...['.PP', 'Examples:', '.RS 2', '.EX', 'a', '.EE', '.RE', '.PP', 'Then b.'],
    ]);
    expect(helpText('\n')).toEqual([]);
  });
});
