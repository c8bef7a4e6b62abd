import { type DragEvent, useState } from 'react';
import { useLocation } from 'wouter';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import type { BlobHash } from '../../src-shared/ids.ts';
import type { StudioOutput } from '../../src-shared/studioApi.ts';
import { call, uploadBlob } from '../studioApi.ts';
import { linkTo } from '../ui/routes.ts';
import { useToast } from '../ui/Toast.tsx';

/** An embedding of another program, which waits for its words. */
export interface ForeignEmbedding {
  readonly blob: BlobHash;
  /** Of the file. */
  readonly name: string;
  readonly embedding: NonNullable<StudioOutput<'readEmbedding'>['embedding']>;
}

export interface ConceptImport {
  importFiles(files: readonly File[]): Promise<void>;
  /** What is asked about next. */
  readonly asked: ForeignEmbedding | undefined;
  /** The answer came, and the concept is there; nothing where the user let it be. */
  answered(concept?: ConceptSummary): void;
  /** For an element that files are dropped on; photos are left to others. */
  readonly dropHandlers: {
    onDragOver(event: DragEvent): void;
    onDrop(event: DragEvent): void;
  };
}

/** Takes concept files in, and asks about those that other programs wrote. */
export function useConceptImport(): ConceptImport {
  const toast = useToast();
  const [, navigate] = useLocation();
  const [waiting, setWaiting] = useState<readonly ForeignEmbedding[]>([]);

  const tell = ({ id, name }: ConceptSummary) =>
    toast({
      tone: 'good',
      title: `${name} was imported`,
      action: { label: 'Open', run: () => navigate(linkTo.concept(id)) },
    });
  const importFile = async (file: File) => {
    const { name } = file;
    try {
      const blob = await uploadBlob(file);
      const { embedding } = await call('readEmbedding', { blob, name });
      if (embedding) setWaiting((old) => [...old, { blob, name, embedding }]);
      else tell(await call('importConcept', { blob, name }));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      toast({ tone: 'bad', title: `${name} was not imported`, detail });
    }
  };
  const importFiles = async (files: readonly File[]) => {
    for (const file of files) await importFile(file);
  };
  return {
    importFiles,
    asked: waiting[0],
    answered: (concept) => {
      setWaiting(([_, ...rest]) => rest);
      if (concept) tell(concept);
    },
    dropHandlers: {
      onDragOver: (event) => {
        if (bringsOthers(event.dataTransfer)) event.preventDefault();
      },
      onDrop: (event) => {
        if (!bringsOthers(event.dataTransfer)) return;
        event.preventDefault();
        void importFiles([...event.dataTransfer.files].filter(isOther));
      },
    },
  };
}

function bringsOthers({ items }: DataTransfer): boolean {
  return [...items].some((item) => item.kind === 'file' && isOther(item));
}

function isOther({ type }: { readonly type: string }): boolean {
  return !type.startsWith('image/');
}
