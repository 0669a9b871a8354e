import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../src/errors.ts';
import { hasBlock, isInBlock, outsideBlock, withBlock, withoutBlock } from '../src/marked-block.ts';

const FILE = '/etc/asterisk/extensions_override_freepbx.conf';
const TOP = { file: FILE, by: 'ipcountry dialplan install', at: 'top' } as const;
const END = { ...TOP, at: 'end' } as const;

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
      TOP,
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
    expect(withBlock('', '[ours]', TOP)).toMatch(/^; BEGIN .*\n\[ours\]\n; END ipcountry\n$/);
  });

  it('goes to the end where it adds to sections that must stand before it', () => {
    const text = withBlock('[general]\nenabled=no\n', '[general](+)\nenabled=yes\n', END);
    expect(text).toBe(`[general]\nenabled=no\n${withBlock('', '[general](+)\nenabled=yes', TOP)}`);
    expect(withBlock(text, 'other', END)).toBe(text.replace('[general](+)\nenabled=yes', 'other'));
    expect(withBlock('[general]', 'x', END)).toMatch(/^\[general\]\n; BEGIN .*\nx\n; END .*\n$/);
  });

  it('tells who writes it', () => {
    const text = withBlock('', 'x', { file: FILE, by: 'ipcountry setup', at: 'end' });
    expect(text.split('\n')[0]).toBe(
      "; BEGIN ipcountry (written by 'ipcountry setup': changes here are lost)",
    );
  });

  it('is replaced where it stands, and nothing else is touched', () => {
    const old = withBlock('', 'old', TOP).trimEnd();
    const text = `[a]\r\nexten => 1,1,NoOp\r\n${old}\n[b]\nno line end`;
    const next = withBlock(text, 'new', TOP);
    expect(next).toBe(text.replace('\nold\n', '\nnew\n'));
    expect(withBlock(next, 'new', TOP)).toBe(next);
    expect(withoutBlock(next, FILE)).toBe('[a]\r\nexten => 1,1,NoOp\r\n[b]\nno line end');
  });

  it('is found again by its markers, however they are spaced', () => {
    expect(hasBlock('; BEGIN ipcountry\n;END ipcountry\n', FILE)).toBe(true);
    expect(hasBlock('; BEGIN ipcountryside\n', FILE)).toBe(false);
    expect(hasBlock('', FILE)).toBe(false);
  });

  it('tells which lines stand in it', () => {
    const text = `a\n${withBlock('', 'x', TOP)}b\n`;
    const inside = [0, 1, 2, 3, 4, 5].filter((line) => isInBlock(text, line, FILE));
    expect(inside).toEqual([2, 3, 4]);
    expect(isInBlock('a\n', 1, FILE)).toBe(false);
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
    expect(message(() => withBlock(text, 'new', TOP))).toBe(wanted);
    expect(message(() => withoutBlock(text, FILE))).toBe(wanted);
  });

  it('can always be taken out again, byte for byte', () => {
    const line = fc.constantFrom('[a]', 'exten => 1,1,NoOp', '', '\r', '; x', '#include x', '\xff');
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (lines, content) => {
        const text = lines.join('\n');
        const installed = withBlock(text, content.join('\n'), TOP);
        expect(withBlock(installed, content.join('\n'), TOP)).toBe(installed);
        expect(withoutBlock(installed, FILE)).toBe(text);
      }),
    );
  });
});

describe('what stands outside the block', () => {
  it('are sections and includes with their lines', () => {
    const block = withBlock('', '[inside]\n#include inside.conf', TOP).trimEnd();
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
