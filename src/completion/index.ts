export { bashScript } from './bash.ts';
export { fishScript } from './fish.ts';
export { type Choices, type Places, placesOf, plainWords } from './tree.ts';
export { zshScript } from './zsh.ts';
