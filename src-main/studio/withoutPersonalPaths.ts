import { homedir, hostname, userInfo } from 'node:os';

/** What must not stand in a text that goes to strangers. */
export interface Person {
  readonly home: string;
  readonly user: string;
  /** Name of the machine. */
  readonly machine: string;
}

function currentPerson(): Person {
  return { home: homedir(), user: userName(), machine: hostname() };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

/** The text with the home folder as "~", and without the names of user and machine. */
export function withoutPersonalPaths(text: string, person: Person = currentPerson()): string {
  const { home, user, machine } = person;
  const homeless = [...spellings(home)].reduce((result, way) => result.replaceAll(way, '~'), text);
  const nameless = hideName(homeless, user, 'USER');
  return hideName(nameless, machine, 'MACHINE');
}

/** Windows writes folders with either slash, and JSON doubles the one. A root folder is nobody's home. */
function spellings(home: string): Set<string> {
  const folder = home.replace(/[\\/]+$/, '');
  if (folder.length < 2) return new Set();
  return new Set([folder, folder.replaceAll('\\', '\\\\'), folder.replaceAll('\\', '/')]);
}

/** Whole names only, whatever their case; one letter would be found everywhere. */
function hideName(text: string, name: string, instead: string): string {
  if (name.length < 2) return text;
  const whole = `(?<![\\p{L}\\p{N}])${RegExp.escape(name)}(?![\\p{L}\\p{N}])`;
  return text.replaceAll(new RegExp(whole, 'giu'), instead);
}
