import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasBlock, outsideBlock, withBlock, withoutBlock } from '../../src/dialplan/block.ts';
import { Fault } from '../../src/errors.ts';

const FILE = '/etc/asterisk/extensions_override_freepbx.conf';

const message = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  return 'no fault';
};

describe('a block between markers', () => {
  it('goes to the top of a file that has none', () => {
    const text = withBlock(
      '; mine\n[from-x]\nexten => 1,1,NoOp\n',
      '[ours]\nexten => s,1,NoOp\n',
      FILE,
    );
    expect(text.split('\n')).toEqual([
      expect.stringMatching(/^; BEGIN ipcountry \(/),
      '[ours]',
      'exten => s,1,NoOp',
      '; END ipcountry',
      '; mine',
      '[from-x]',
      'exten => 1,1,NoOp',
      '',
    ]);
  });

  it('is a whole file where there was none', () => {
    expect(withBlock('', '[ours]', FILE)).toMatch(/^; BEGIN .*\n\[ours\]\n; END ipcountry\n$/);
  });

  it('is replaced where it stands, and nothing else is touched', () => {
    const old = withBlock('', 'old', FILE).trimEnd();
    const text = `[a]\r\nexten => 1,1,NoOp\r\n${old}\n[b]\nno line end`;
    const next = withBlock(text, 'new', FILE);
    expect(next).toBe(text.replace('\nold\n', '\nnew\n'));
    expect(withBlock(next, 'new', FILE)).toBe(next);
    expect(withoutBlock(next, FILE)).toBe('[a]\r\nexten => 1,1,NoOp\r\n[b]\nno line end');
  });

  it('is found again by its markers, however they are spaced', () => {
    expect(hasBlock('; BEGIN ipcountry\n;END ipcountry\n', FILE)).toBe(true);
    expect(hasBlock('; BEGIN ipcountryside\n', FILE)).toBe(false);
    expect(hasBlock('', FILE)).toBe(false);
  });

  it.each([
    ['one BEGIN', 'x\n; BEGIN ipcountry\ny\n', 2, 'BEGIN without END'],
    ['one END', 'x\ny\n; END ipcountry\n', 3, 'END without BEGIN'],
    ['two BEGINs', '; BEGIN ipcountry\n; BEGIN ipcountry\n; END ipcountry\n', 2, 'a second one'],
    [
      'two blocks',
      '; BEGIN ipcountry\n; END ipcountry\n; BEGIN ipcountry\n; END ipcountry\n',
      3,
      'a second one',
    ],
    ['the wrong way round', '; END ipcountry\n; BEGIN ipcountry\n', 1, 'END before BEGIN'],
  ])('refuses %s, naming the line', (_, text, line, what) => {
    const wanted = `${FILE} line ${line}: the markers of ipcountry are damaged (${what}); mend or delete them, nothing was changed`;
    expect(message(() => withBlock(text, 'new', FILE))).toBe(wanted);
    expect(message(() => withoutBlock(text, FILE))).toBe(wanted);
  });

  it('can always be taken out again, byte for byte', () => {
    const line = fc.constantFrom('[a]', 'exten => 1,1,NoOp', '', '\r', '; x', '#include x', '\xff');
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (lines, content) => {
        const text = lines.join('\n');
        const installed = withBlock(text, content.join('\n'), FILE);
        expect(withBlock(installed, content.join('\n'), FILE)).toBe(installed);
        expect(withoutBlock(installed, FILE)).toBe(text);
      }),
    );
  });
});

describe('what stands outside the block', () => {
  it('are sections and includes with their lines', () => {
    const block = withBlock('', '[inside]\n#include inside.conf', FILE).trimEnd();
    const text = `[a]\n${block}\n; [no]\n [b](+)\n#include "x y.conf"\n#tryinclude <z.conf>\n#include ipcountry.conf\n`;
    expect(outsideBlock(text, FILE)).toEqual({
      sections: [
        { line: 1, text: 'a' },
        { line: 7, text: 'b' },
      ],
      includes: [
        { line: 8, text: 'x y.conf' },
        { line: 9, text: 'z.conf' },
        { line: 10, text: 'ipcountry.conf' },
      ],
    });
  });
});
