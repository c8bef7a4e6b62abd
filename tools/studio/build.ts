/** `npm run build`: the page, and what Electron runs. */
import { buildApp } from './buildApp.ts';
import { buildPage } from './buildPage.ts';

await buildPage();
await buildApp();
