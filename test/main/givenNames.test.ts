import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { composeCommand } from '../../src-main/cli/compose.ts';
import { demoCommand } from '../../src-main/cli/demo.ts';
import { exportCommand } from '../../src-main/cli/export.ts';
import { withGivenName } from '../../src-main/cli/givenNames.ts';
import { harvestCommand } from '../../src-main/cli/harvest.ts';
import { importCommand } from '../../src-main/cli/import.ts';
import { inspectCommand } from '../../src-main/cli/inspect.ts';
import { makeRandomCommand } from '../../src-main/cli/makeRandom.ts';
import { recoverCommand } from '../../src-main/cli/recover.ts';
import { trainCommand } from '../../src-main/cli/train.ts';
import { verifyCommand } from '../../src-main/cli/verify.ts';
import { api, type CallName } from '../../src-shared/api.ts';
import { MisfitError } from '../../src-shared/inputError.ts';

const commands: readonly [CallName, Command][] = [
  ['trainConcept', trainCommand()],
  ['composePreview', composeCommand()],
  ['harvestLayouts', harvestCommand()],
  ['recoverLocations', recoverCommand()],
  ['verifyModel', verifyCommand()],
  ['importForeign', importCommand()],
  ['exportConcept', exportCommand()],
  ['inspectFile', inspectCommand()],
  ['runDemo', demoCommand()],
  ['makeRandom', makeRandomCommand()],
];

/** Fields that no option sets. */
const unset = new Set(['trainConcept.keepCheckpoint', 'verifyModel.predictionType']);

const told = (command: Command, path: PropertyKey[]) =>
  withGivenName(command, new MisfitError('call', path, 'is odd'));

test.each(commands)(
  'what the user can give to %s is told by the name it has there',
  (name, command) => {
    for (const field of Object.keys(api[name].input.shape)) {
      if (unset.has(`${name}.${field}`)) continue;
      expect(told(command, [field])).toMatch(/^(--[a-z-]+|<[a-z-]+>) is odd$/);
    }
  },
);

test.each<[string, Command, PropertyKey[]]>([
  ['--learning-rate is odd', trainCommand(), ['learningRate']],
  ['--class is odd', trainCommand(), ['classWord']],
  ['--class is odd', trainCommand(), ['named', 0, 'classWord']],
  ['--size: width is odd', trainCommand(), ['size', 'width']],
  ['--concept is odd', composeCommand(), ['concepts', 1]],
  ['--layout-samples is odd', composeCommand(), ['layout', 'samples']],
  ['<folder> is odd', makeRandomCommand(), ['out']],
  ['keepCheckpoint is odd', trainCommand(), ['keepCheckpoint']],
])('%s', (message, command, path) => {
  expect(told(command, path)).toBe(message);
});
