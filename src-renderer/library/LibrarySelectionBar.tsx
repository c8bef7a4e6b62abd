import { Blocks } from 'lucide-react';
import type { ComponentProps } from 'react';
import { useLocation } from 'wouter';
import { Button } from '../ui/Button.tsx';
import { linkTo } from '../ui/routes.ts';
import { SelectionBar } from '../ui/SelectionBar.tsx';

/** What can be done with the chosen concepts. */
export function LibrarySelectionBar(props: ComponentProps<typeof SelectionBar>) {
  return (
    <SelectionBar {...props}>{!props.inTrash && <ComposeThese ids={props.ids} />}</SelectionBar>
  );
}

function ComposeThese({ ids }: { ids: ReadonlySet<string> }) {
  const [, navigate] = useLocation();
  const tooMany = ids.size > 8;
  return (
    <Button
      size="small"
      disabled={tooMany}
      title={tooMany ? 'At most 8 concepts fit into one picture' : undefined}
      icon={<Blocks size={16} />}
      onClick={() => navigate(linkTo.compose([...ids]))}
    >
      Compose with {ids.size === 1 ? 'it' : 'them'}
    </Button>
  );
}
