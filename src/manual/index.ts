export { manPage } from './page.ts';
