import type { Command } from 'commander';
import { fieldPath, type MisfitError } from '../../src-shared/inputError.ts';

/** Fields that the command line calls otherwise than the contract does; the others are options in camel case. */
const otherNames: Readonly<Record<string, string>> = {
  classWord: 'class',
  concepts: 'concept',
  priors: 'prior',
  bothWays: 'compare',
  golden: 'golden-folder',
  out: 'folder',
};

/** What the user typed for a field: `--learning-rate`, or `<folder>` for an argument; the field itself as last resort. */
export function withGivenName(command: Command, { path, fault }: MisfitError): string {
  const keys = path.filter((key) => typeof key === 'string');
  const found = namesOf(keys)
    .map(({ name, rest }) => ({ name: givenName(command, name), rest }))
    .find(({ name }) => name !== undefined);
  const place = found ? [found.name, found.rest].filter(Boolean).join(': ') : fieldPath(path);
  return `${place} ${fault}`;
}

/** A field in a field may have an option of its own, such as --layout-samples; else that of the outer or the inner one. */
function namesOf(keys: readonly string[]): { readonly name: string; readonly rest?: string }[] {
  const [outer = '', ...inner] = keys;
  const joined = inner.map((key) => `${key.charAt(0).toUpperCase()}${key.slice(1)}`).join('');
  return [
    { name: `${outer}${joined}` },
    { name: outer, rest: inner.join('.') },
    { name: keys.at(-1) ?? '' },
  ];
}

function givenName(command: Command, field: string): string | undefined {
  const names = [field, otherNames[field]];
  const option = command.options.find((each) => names.includes(each.attributeName()));
  const argument = command.registeredArguments.find((each) => names.includes(each.name()));
  return option?.long ?? (argument && `<${argument.name()}>`);
}
