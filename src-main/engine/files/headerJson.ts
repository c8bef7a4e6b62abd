/**
 * Deepest nesting of a .safetensors header: the object, a tensor, its shape. One more, so that a wrong value is
 * reported by name instead.
 */
const depthLimit = 4;
/** Keys and list entries: enough for a quarter of a million tensors, and parsed in a few hundred megabytes. */
const entryLimit = 4_000_000;

/**
 * Parses the JSON object of a .safetensors header. JSON.parse alone keeps the last of two equal keys without a word,
 * and a hostile text can make it exhaust the memory, which nothing can catch; the text is therefore looked through first.
 *
 * @throws Error that completes the sentence "its header ..."
 */
export function parseHeaderJson(json: string): Map<string, unknown> {
  const open: Set<string>[] = [];
  let entries = 0;
  for (let position = 0; position < json.length; position++) {
    const character = json[position];
    if (character === '"') {
      const end = endOfString(json, position);
      if (isKey(json, end)) addKey(open.at(-1), json.slice(position, end));
      position = end - 1;
    } else if (character === '{' || character === '[') {
      open.push(new Set());
      if (open.length > depthLimit)
        throw new Error(`is nested more than ${depthLimit} levels deep`);
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ',' && ++entries > entryLimit) {
      throw new Error(`has more than ${entryLimit} entries`);
    }
  }
  return new Map(Object.entries(parseJson(json) as object));
}

function addKey(keys: Set<string> | undefined, text: string): void {
  const key = text.includes('\\') ? (parseJson(text) as string) : text.slice(1, -1);
  if (keys?.has(key)) {
    throw new Error(`names ${JSON.stringify(key)} twice, so it cannot be told which is meant`);
  }
  keys?.add(key);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is not JSON: the file is damaged');
  }
}

/** Position after the closing quote of the string that starts at `start`; the end of the text where it has none. */
function endOfString(json: string, start: number): number {
  let position = start + 1;
  while (position < json.length && json[position] !== '"')
    position += json[position] === '\\' ? 2 : 1;
  return Math.min(position + 1, json.length);
}

/** Whether the string that ends before `position` is followed by a colon. */
function isKey(json: string, position: number): boolean {
  let next = position;
  while (next < json.length && ' \t\n\r'.includes(json[next])) next++;
  return json[next] === ':';
}
