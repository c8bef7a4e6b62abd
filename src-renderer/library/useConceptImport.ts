import type { DragEvent } from 'react';
import { useLocation } from 'wouter';
import type { ConceptSummary } from '../../src-shared/conceptRecord.ts';
import { useStore } from '../compose/createStore.ts';
import { useStudioQuery } from '../studioQueries.ts';
import { linkTo } from '../ui/routes.ts';
import { useToast } from '../ui/Toast.tsx';
import {
  answerImport,
  type ForeignFile,
  importConcepts,
  importStore,
  nextAsked,
} from './conceptImports.ts';

export interface ConceptImport {
  importFiles(files: readonly File[]): void;
  /** What is asked about next. */
  readonly asked: ForeignFile | undefined;
  /** The answer about these files came, and the concept is there; nothing where the user let it be. */
  answered(files: readonly ForeignFile[], concept?: ConceptSummary): void;
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
  const limit = useStudioQuery('about', {}).data?.maximumUpload;
  const asked = nextAsked(useStore(importStore));

  const imported = ({ id, name }: ConceptSummary) =>
    toast({
      tone: 'good',
      title: `${name} was imported`,
      action: { label: 'Open', run: () => navigate(linkTo.concept(id)) },
    });
  const refused = (name: string, detail: string) =>
    toast({ tone: 'bad', title: `${name} was not imported`, detail });
  const importFiles = (files: readonly File[]) =>
    importConcepts(files, limit, { imported, refused });
  return {
    importFiles,
    asked,
    answered: (files, concept) => {
      answerImport(files.map(({ blob }) => blob));
      if (concept) imported(concept);
    },
    dropHandlers: {
      onDragOver: (event) => {
        if (bringsOthers(event.dataTransfer)) event.preventDefault();
      },
      onDrop: (event) => {
        if (!bringsOthers(event.dataTransfer)) return;
        event.preventDefault();
        importFiles([...event.dataTransfer.files].filter(isOther));
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
