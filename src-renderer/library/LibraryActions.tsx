import { EllipsisVertical, FileUp, GraduationCap, Plus } from 'lucide-react';
import { useRef } from 'react';
import { Link } from 'wouter';
import { useTour } from '../tour/tourState.ts';
import { buttonClasses, IconButton } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import { routes } from '../ui/routes.ts';

/** Ways to a new concept. */
export function LibraryActions({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const file = useRef<HTMLInputElement>(null);
  const tour = useTour();
  return (
    <>
      <input
        ref={file}
        type="file"
        multiple
        accept=".safetensors,.pt,.bin,.png"
        aria-label="Concept files"
        className="hidden"
        onChange={(event) => {
          const chosen = [...(event.target.files ?? [])];
          event.target.value = '';
          onFiles(chosen);
        }}
      />
      <Menu
        trigger={<IconButton label="More" icon={<EllipsisVertical size={18} />} />}
        items={[
          {
            label: 'Import concept files',
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
