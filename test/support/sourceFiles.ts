import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** All TypeScript sources under the given folders of the repository. Folders that do not exist yet hold none. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders
    .filter((folder) => existsSync(resolve(root, folder)))
    .flatMap((folder) =>
      readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.[cm]?tsx?$/.test(name))
        .map((name) =>
          relative(root, resolve(root, folder, name))
            .split(sep)
            .join('/'),
        ),
    )
    .sort()
    .map((path) => ({ path, text: readFileSync(resolve(root, path), 'utf8') }));
}

/** Import and re-export statements as the formatter leaves them, types included; dynamic imports of a fixed module. */
const importPatterns = [
  /^import\s+(?:type\s+)?[^'";]+?\sfrom\s+'([^']+)'/gm,
  /^import\s+'([^']+)'/gm,
  /^export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+'([^']+)'/gm,
  /\b(?:import|require|import\.meta\.resolve)\(\s*'([^']+)'/g,
];

/** What a source imports: packages by name, files of the repository by their path from its root. */
export function importsOf({ path, text }: SourceFile): string[] {
  return importPatterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, specifier]) =>
      specifier.startsWith('.')
        ? relative(root, resolve(root, dirname(path), specifier))
            .split(sep)
            .join('/')
        : specifier,
    ),
  );
}

export function existsInRepository(path: string): boolean {
  return existsSync(resolve(root, path));
}
