import { EllipsisVertical, FileUp, GraduationCap, Plus } from 'lucide-react';
import { useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { call, uploadBlob } from '../studioApi.ts';
import { useTour } from '../tour/tourState.ts';
import { buttonClasses, IconButton } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import { linkTo, routes } from '../ui/routes.ts';
import { useToast } from '../ui/Toast.tsx';

/** Ways to a new concept. */
export function LibraryActions() {
  const file = useRef<HTMLInputElement>(null);
  const importFile = useConceptImport();
  const tour = useTour();
  return (
    <>
      <input
        ref={file}
        type="file"
        accept=".safetensors"
        aria-label="A concept file"
        className="hidden"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = '';
          if (chosen) void importFile(chosen);
        }}
      />
      <Menu
        trigger={<IconButton label="More" icon={<EllipsisVertical size={18} />} />}
        items={[
          {
            label: 'Import a concept file',
            icon: <FileUp size={16} />,
            onSelect: () => file.current?.click(),
          },
          {
            label: 'Take the tour',
            icon: <GraduationCap size={16} />,
            onSelect: tour.start,
          },
        ]}
      />
      <Link href={routes.newConcept} className={buttonClasses('primary')}>
        <Plus size={16} aria-hidden="true" />
        New concept
      </Link>
    </>
  );
}

function useConceptImport(): (file: File) => Promise<void> {
  const toast = useToast();
  const [, navigate] = useLocation();
  return async (file) => {
    try {
      const blob = await uploadBlob(file);
      const concept = await call('importConcept', { blob, name: file.name });
      toast({
        tone: 'good',
        title: `${concept.name} was imported`,
        action: { label: 'Open', run: () => navigate(linkTo.concept(concept.id)) },
      });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      toast({ tone: 'bad', title: `${file.name} was not imported`, detail });
    }
  };
}
