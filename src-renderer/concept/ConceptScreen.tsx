import {
  Blocks,
  Columns2,
  Download,
  EllipsisVertical,
  Heart,
  Images,
  Orbit,
  Pencil,
  RotateCcw,
  Trash2,
} from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { ConceptDetail, ConceptVersion } from '../../src-shared/conceptRecord.ts';
import type { JobStatus } from '../../src-shared/jobRecord.ts';
import { useConceptTrash } from '../library/conceptTrash.ts';
import { blobUrl } from '../studioApi.ts';
import { useStudioMutation, useStudioQuery } from '../studioQueries.ts';
import { Button, buttonClasses, IconButton } from '../ui/Button.tsx';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { JobProgress } from '../ui/JobProgress.tsx';
import { Menu } from '../ui/Menu.tsx';
import { Screen } from '../ui/Panel.tsx';
import { linkTo, routes } from '../ui/routes.ts';
import { Spinner } from '../ui/Spinner.tsx';
import { Tag } from '../ui/Tag.tsx';
import { ConceptAside } from './ConceptAside.tsx';
import { RenameDialog } from './RenameDialog.tsx';
import { VersionList } from './VersionList.tsx';
import { VersionPanels } from './VersionPanels.tsx';
import { canCompare, fileNameOf } from './versionLineage.ts';

/** A concept with all its versions and what made them. */
export function ConceptScreen({ id }: { id: string }) {
  const { data: concept, error } = useStudioQuery('getConcept', { id });
  if (concept) return <Shown concept={concept} />;
  return (
    <Screen title="Concept">
      {error ? (
        <ErrorNote
          title="This concept could not be opened"
          cause={error}
          actions={
            <Link href={routes.library} className={buttonClasses()}>
              Back to the library
            </Link>
          }
        />
      ) : (
        <Spinner label="Opening the concept" />
      )}
    </Screen>
  );
}

function Shown({ concept }: { concept: ConceptDetail }) {
  const { name, token, classWord, versionList } = concept;
  const [versionId, setVersionId] = useState<string>();
  const version = versionList.find(({ id }) => id === versionId) ?? versionList[0];
  return (
    <Screen
      title={name}
      subtitle={
        <span className="flex flex-wrap items-center gap-2 pt-1">
          <Tag tone="accent" className="font-mono">
            {token}
          </Tag>
          <Tag>{classWord}</Tag>
          {concept.trashedAt !== undefined && <Tag tone="warn">in the trash</Tag>}
        </span>
      }
      actions={<Actions {...{ concept, version }} />}
    >
      <div className="grid grid-cols-[minmax(0,1fr)_19rem] items-start gap-5 max-lg:grid-cols-1">
        <div className="flex min-w-0 flex-col gap-5">
          <Problem concept={concept} />
          <UnderWay concept={concept} />
          {version ? (
            <>
              <VersionList
                {...{ versions: versionList, chosen: version.id, onChoose: setVersionId }}
              />
              <VersionPanels {...{ concept, version }} />
            </>
          ) : (
            !concept.jobId && <NotTrained concept={concept} />
          )}
        </div>
        <ConceptAside {...{ concept, version }} />
      </div>
    </Screen>
  );
}

/** What an older version of the program took as a name. */
function Problem({ concept }: { concept: ConceptDetail }) {
  const [renaming, setRenaming] = useState(false);
  if (concept.problem === undefined) return null;
  return (
    <>
      <ErrorNote
        title="Nothing can be made with this concept as it is called"
        cause={`Its ${concept.problem}.`}
        nextStep="Give it other words, or move it to the trash."
        actions={<Button onClick={() => setRenaming(true)}>Rename</Button>}
      />
      <RenameDialog concept={concept} open={renaming} onClose={() => setRenaming(false)} />
    </>
  );
}

function NotTrained({ concept }: { concept: ConceptDetail }) {
  return (
    <EmptyState
      title="Nothing has been trained yet"
      actions={
        <Link
          href={linkTo.newConcept({ conceptId: concept.id })}
          className={buttonClasses('primary')}
        >
          Train it
        </Link>
      }
    >
      Its training was cancelled or failed before it ended.
    </EmptyState>
  );
}

/** The training under way, or one that can go on. */
function UnderWay({ concept: { jobId } }: { concept: ConceptDetail }) {
  const { data } = useStudioQuery('getJob', { id: jobId ?? '' }, { enabled: jobId !== undefined });
  if (!jobId || !data) return null;
  if (data.state === 'failed') return <Failed job={data} />;
  return (
    <Link
      href={linkTo.training(jobId)}
      className="block rounded-lg border border-accent/40 bg-accent-soft px-5 py-3 hover:border-accent"
    >
      <JobProgress job={data} title={data.title} />
    </Link>
  );
}

function Failed({ job: { id, error } }: { job: JobStatus }) {
  return (
    <ErrorNote
      title="Its training failed"
      {...(error && { cause: error.message, nextStep: error.advice })}
      actions={
        <Link href={linkTo.training(id)} className={buttonClasses('secondary', 'small')}>
          Open the training
        </Link>
      }
    />
  );
}

interface ActionsProps {
  concept: ConceptDetail;
  version: ConceptVersion | undefined;
}

function Actions({ concept, version }: ActionsProps) {
  const [renaming, setRenaming] = useState(false);
  const { id, versionList, trashedAt } = concept;
  return (
    <>
      <Favourite concept={concept} />
      {version && (
        <>
          <Link href={linkTo.compose([id], [version.id])} className={buttonClasses('primary')}>
            <Blocks size={16} aria-hidden="true" />
            Compose with it
          </Link>
          {canCompare(versionList) && (
            <Link href={linkTo.compare([id])} className={buttonClasses()}>
              <Columns2 size={16} aria-hidden="true" />
              Compare
            </Link>
          )}
          {trashedAt === undefined && (
            <Link
              href={linkTo.newConcept({ conceptId: id, parentId: version.id })}
              className={buttonClasses()}
            >
              <RotateCcw size={16} aria-hidden="true" />
              Train a new version
            </Link>
          )}
        </>
      )}
      <More {...{ concept, version }} onRename={() => setRenaming(true)} />
      <RenameDialog concept={concept} open={renaming} onClose={() => setRenaming(false)} />
    </>
  );
}

function Favourite({ concept: { id, favourite } }: { concept: ConceptDetail }) {
  const change = useStudioMutation('changeConcept');
  return (
    <IconButton
      label={favourite ? 'Take out of the favourites' : 'Add to the favourites'}
      pressed={favourite}
      icon={<Heart size={18} className={favourite ? 'fill-danger text-danger' : undefined} />}
      onClick={() => change.mutate({ id, favourite: !favourite })}
    />
  );
}

function More({ concept, version, onRename }: ActionsProps & { onRename: () => void }) {
  const [, navigate] = useLocation();
  const { id, token, trashedAt } = concept;
  const trash = useConceptTrash(() => navigate(routes.library));
  const inTrash = trashedAt !== undefined;
  return (
    <Menu
      trigger={<IconButton label="More" icon={<EllipsisVertical size={18} />} />}
      items={[
        { label: 'Rename', icon: <Pencil size={16} />, onSelect: onRename },
        {
          label: 'Export this version',
          icon: <Download size={16} />,
          disabled: version === undefined,
          onSelect: () => version && download(version, fileNameOf(token, version)),
        },
        {
          label: 'Pictures of it',
          icon: <Images size={16} />,
          onSelect: () => navigate(linkTo.gallery(id)),
        },
        {
          label: 'On the embedding map',
          icon: <Orbit size={16} />,
          disabled: version === undefined,
          onSelect: () => navigate(linkTo.map([id])),
        },
        inTrash
          ? {
              label: 'Put back',
              icon: <RotateCcw size={16} />,
              separated: true,
              onSelect: () => trash.putBack([id]),
            }
          : {
              label: 'Move to trash',
              icon: <Trash2 size={16} />,
              separated: true,
              danger: true,
              onSelect: () => trash.move([id]),
            },
      ]}
    />
  );
}

function download({ file }: ConceptVersion, name: string): void {
  const link = document.createElement('a');
  link.href = blobUrl(file, name);
  link.download = name;
  link.click();
}
