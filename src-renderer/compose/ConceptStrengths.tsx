import { Link } from 'wouter';
import { mostStrength } from '../../src-shared/concept.ts';
import type { ModelRecord } from '../../src-shared/modelRecord.ts';
import { Picture } from '../ui/Picture.tsx';
import { linkTo } from '../ui/routes.ts';
import { SelectField } from '../ui/SelectField.tsx';
import { SliderField } from '../ui/SliderField.tsx';
import { changeChoice } from './composeStore.ts';
import { versionLabel } from './conceptVersions.ts';
import { conceptObstacle } from './useComposition.ts';
import type { PromptConcept } from './usePromptConcepts.ts';

interface ConceptStrengthsProps {
  concepts: readonly PromptConcept[];
  model: ModelRecord | undefined;
}

/** How much of each concept goes into the picture, and which of its versions. */
export function ConceptStrengths({ concepts, model }: ConceptStrengthsProps) {
  if (concepts.length === 0 || !model) return null;
  return (
    <ul className="flex flex-col gap-3" aria-label="Concepts in the prompt">
      {concepts.map((concept) => (
        <li key={concept.token} className="rounded-md border border-line bg-surface p-3">
          {concept.state === 'ready' ? (
            <ReadyConcept concept={concept} />
          ) : (
            <p className="text-sm text-muted">
              {conceptObstacle(concept, model)} <WayOut concept={concept} />
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

function ReadyConcept({ concept }: { concept: PromptConcept }) {
  const { token, strength, version, fitting } = concept;
  return (
    <div className="flex flex-col gap-2.5">
      <div className="flex items-center gap-3">
        {version?.cover && (
          <Picture blob={version.cover} alt="" className="size-12 shrink-0 rounded-sm" />
        )}
        <SliderField
          label={<span className="wrap-anywhere">{token}</span>}
          className="grow"
          value={strength}
          min={0}
          max={mostStrength}
          step={0.05}
          format={strengthText}
          onChange={(next) => changeChoice(token, { strength: next })}
        />
      </div>
      {fitting.length > 1 && (
        <SelectField
          label={`Version of ${token}`}
          hideLabel
          value={version?.id}
          options={fitting.map((one) => ({ value: one.id, label: versionLabel(one) }))}
          onChange={(versionId) => changeChoice(token, { versionId })}
        />
      )}
    </div>
  );
}

function strengthText(strength: number): string {
  if (strength === 0) return 'class word only';
  if (strength === 1) return 'as trained';
  return `${Math.round(strength * 100)} %`;
}

function WayOut({ concept: { state, concept } }: { concept: PromptConcept }) {
  if (state === 'unknown') return <TextLink href={linkTo.newConcept()}>New concept</TextLink>;
  if (!concept || state === 'asking') return null;
  return <TextLink href={linkTo.concept(concept.id)}>Open it</TextLink>;
}

function TextLink({ href, children }: { href: string; children: string }) {
  return (
    <Link href={href} className="text-accent underline">
      {children}
    </Link>
  );
}
