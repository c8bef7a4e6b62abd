/** Whether a key rates a picture: 0 to 5. */
export function isRatingKey(key: string): boolean {
  return /^[0-5]$/.test(key);
}
