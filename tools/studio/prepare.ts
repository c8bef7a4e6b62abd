/** Before the tests and the screenshots: builds the window's page where it is missing or outdated. */
import { buildPageIfNeeded } from './buildPage.ts';

if (await buildPageIfNeeded()) console.log('The window was built.');
