import type { DragEvent } from 'react';
import type { KeptComposition } from '../../src-shared/composition.ts';
import { blobUrl } from '../studioApi.ts';
import { dragOutText, pictureName } from './pictureName.ts';

/** Lets a picture be dragged to the desktop or into another program: a PNG with its parameters inside. */
export function startDragOut(event: DragEvent, composition: KeptComposition): void {
  const name = pictureName(composition);
  const address = new URL(blobUrl(composition.picture, name), window.location.href).href;
  event.dataTransfer.effectAllowed = 'copy';
  event.dataTransfer.setData('DownloadURL', dragOutText(address, name));
  event.dataTransfer.setData('text/uri-list', address);
  const image = event.currentTarget.querySelector('img');
  if (image) event.dataTransfer.setDragImage(image, 24, 24);
}

/** Saves a picture as a click on a link would. */
export function downloadPicture(composition: KeptComposition): void {
  const name = pictureName(composition);
  const link = document.createElement('a');
  link.href = blobUrl(composition.picture, name);
  link.download = name;
  link.click();
}
