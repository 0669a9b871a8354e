/** Configuration files with what administrators, programs and accidents write: name → files, `main` first. */
export const CONF_CASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'templates, in order': {
    main: '[a](!)\nx=1\ny=1\n[b](!,a)\ny=2\n[c](b,a)\nz=3\n[a]\nown=1\n[d](a)\n[C](c)\n',
  },
  'adding to a section': {
    main: '[a]\nx=1\n[b](!)\nx=b\n[a](+)\ny=2\n[a](b,+)\n[a](+,b)\nlast=1\n[b](+TEMPLATES=include)\nz=1\n',
  },
  'adding to the section of a type': {
    main: '[1001]\ntype=aor\n[1001]\ntype=endpoint\n[1001](+type=endpoint)\nx=1\n[1001](+type=aor&max)\n',
  },
  'adding, with conditions': {
    main: '[a]\ntype=aor\nmax=1\n[a]\ntype=auth\n[a](+ty.e=^au)\nx=1\n[A](+type=a&max=.)\ny=1\n',
  },
  'adding to a template that a later section inherits from': {
    main: '[t](!)\nx=1\n[a](t)\n[t](+TEMPLATES=restrict)\ny=1\n[b](t)\n',
  },
  'adding to nothing': { main: '[a]\nx=1\n[b](+)\ny=1\n' },
  'inheriting from nothing': { main: '[a]\nx=1\n[b](t)\ny=1\n' },
  'options that are not trimmed': { main: '[a](!)\nx=1\n[b](a, a)\n' },
  'no option at all': { main: '[a]\nx=1\n[b]()\n[c](a,)\n[](+)\ny=2\n' },
  'options behind a space, and text behind the head': {
    main: '[a](!)\nx=1\n[b] (a)\n[c]y=1\n[d](a) z=1\n[e](a)(+)\n[ f ]\n',
  },
  'a head without its end': { main: '[a]\nx=1\n[b\ny=1\n' },
  'options without their end': { main: '[a]\nx=1\n[b](a\ny=1\n' },
  'appending to a value': {
    main: '[a]\nx=1\nx+=2\nx += 3\nx +=>4\nX+=5\ny+=6\ny=7\ny+= 8 \n+=9\nz= \nz+= 1\n',
  },
  'odd equal signs': {
    main: '[a]\nx==1\nx=>1\nx= >1\nx =>  1=2\n=x\n  =  \nnothing\nx+\n\\=y=1\n\\[b]=1\n\\#c=2\n\\\\d=3\n',
  },
  'a backslash before a blank': { main: '[a]\n\\ x=1\n' },
  'a backslash before an umlaut': { main: '[a]\n\\ü=1\n' },
  comments: {
    main: '; x\n[a];x\nx=1 ; y\ny=a\\;b;c\nz=\\\\;d\n;--- no block\nw=1\n;-- x\ny=2\n--; v=1\nu=a;--b--;c;--d\n--;e\nt=1;--2\n',
  },
  'nested comments': {
    main: '[a]\nx=1\n;-- one ;-- two\ny=2\n--; ; three\nz=3\n--;\nw=4 ;-- a --; ;-- b --; v\nu=;-- a ;-- b --; c --;d\n',
  },
  'a comment that never ends': { main: '[a]\nx=1\n;--\ny=2\n#include missing.conf\n' },
  'the end of a comment that never began': { main: '[a]\nx=1 --; y\nz=1\n[b]\n' },
  'blanks and line ends': {
    main: '\t[a]\r\n\x0b x \t=\t 1 \r\n \r\n\r\n[b](a)\r\ny=1\rz=2\r\n\u00a0n=\u00a01\u00a0\nname with blanks = value with  blanks',
  },
  'a byte order mark': { main: '\ufeff[a]\nx=1\n' },
  'a setting before the first section': { main: 'x=1\n[a]\n' },
  'nothing but comments': { main: '; nothing\n' },
  nothing: { main: '' },
  'a line at the limit, and one behind it': {
    main: `[a]\nx=${'1'.repeat(8188)}\ny=${'2'.repeat(8189)}\nz=3\nw=${'4'.repeat(20_000)}\nv=5\nu=${'6'.repeat(8190)}`,
  },
  'a zero byte': { main: '[a]\nx=1\0y=2\nz=3\n' },
  include: {
    main: '[a]\nx=1\n#include "@/one.conf"\nz=1\n#include <@/two.conf>\nw=1\n#include @/three.conf ; why\n#INCLUDE @/one.conf\n',
    'one.conf': 'y=1\n[b]\n',
    'two.conf': 'in-b=1\n',
    'three.conf': '[c](a)\n',
  },
  'include of what is not there': { main: '[a]\nx=1\n#include @/missing.conf\n[b]\n' },
  tryinclude: {
    main: '[a]\n#tryinclude @/missing.conf\n#tryinclude @/one.conf\n#tryinclude\n#include\n#nothing x\n# include x\n#exec /bin/true\n[c]\n',
    'one.conf': '[b]\ny=1\n',
  },
  'include of a broken file': {
    main: '[a]\nx=1\n#include @/one.conf\nz=1\n',
    'one.conf': 'y=1\n[b](t)\n[c]\n',
  },
  'include of a pattern': {
    main: '[a]\n#include @/d/*.conf\n#include "@/d/[!1]?.{x,y}"\n#include @/d/{2,1}{a,b}.{conf,x}\n#tryinclude @/*/z\\*\n#include @/d/[a-z]*\nx=1\n',
    'd/1a.conf': 'in-1a=1\n[1a]\n',
    'd/2a.conf': 'in-2a=1\n',
    'd/.hidden.conf': '[hidden]\n',
    'd/2b.x': '[2b](1a)\n',
    'd/2b.y': '[2by]\n',
    'd/z*': '[star]\n',
    'd/za': '[za]\n',
    'd/Z.conf': '[Z]\n',
  },
  'a pattern with a broken file, and comments from file to file': {
    main: '[a]\n#include @/d/*.conf\n#include @/e/*.conf\nx=1\n',
    'd/1.conf': '[1]\n;--\n',
    'd/2.conf': '[2]\n--;[3]\n',
    'e/1.conf': '[4]\n[5](missing)\n',
    'e/2.conf': '[6]\n',
  },
  'a pattern that nothing matches': { main: '[a]\n#tryinclude @/*.x\n#include @/*.y\n' },
  'include of itself': { main: '[a]\nx=1\n#include @/main\ny=1\n[b]\n#include @/main\n' },
  'includes eleven deep': {
    main: '[0]\n#include @/1\nback=0\n',
    ...Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [
        `${i + 1}`,
        `[${i + 1}]\n#include @/${i + 2}\nback=1\n`,
      ]),
    ),
    '10': '[10]\n#tryinclude @/11\nend=1\n',
    '11': '[11]\n',
  },
};
