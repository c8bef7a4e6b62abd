/** A token from a name: "Minka, our cat" becomes "<minka-our-cat>". Empty where the name has no letters or digits. */
export function tokenFromName(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  const inside = words.join('-').slice(0, 40).replace(/-$/, '');
  return inside ? `<${inside}>` : '';
}

/** The same token with a number behind it: "<minka>" becomes "<minka-2>", then "<minka-3>". */
export function numberedToken(token: string): string {
  const inside = token.replace(/^<|>$/g, '');
  const number = inside.match(/-(\d{1,3})$/);
  const next = number ? inside.slice(0, number.index) : inside;
  return `<${next}-${number ? Number(number[1]) + 1 : 2}>`;
}

/** A file name as a name for a thing: "my_old-teapot (3).jpeg" becomes "My old teapot". Empty for names of cameras. */
export function nameFromFile(file: string): string {
  const stem = file.replace(/\.[^.]*$/, '').replace(/[\s_-]*\(?\d+\)?$/, '');
  const words = stem.replace(/[_-]+/g, ' ').trim();
  if (!/\p{L}{3}/u.test(words) || /^(img|dsc|dscn|pxl|photo|image|screenshot|mvi)\b/i.test(words)) {
    return '';
  }
  return words.charAt(0).toUpperCase() + words.slice(1);
}
