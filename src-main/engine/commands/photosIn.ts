import { refusing } from '../files/fileAccess.ts';
import { listPhotos } from '../images/photos.ts';

/**
 * The photos of a folder, as {@link listPhotos} finds them.
 *
 * @throws InputError as it does, and where the folder may not be read
 */
export async function photosIn(folder: string): Promise<string[]> {
  try {
    return await listPhotos(folder);
  } catch (error) {
    return refusing(folder, () => {
      throw error;
    });
  }
}
