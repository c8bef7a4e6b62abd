import { describe, expect, test } from 'vitest';
import { InputError } from '../../src-shared/inputError.ts';
import { parseLayout, parseLayoutText } from '../../src-shared/layout.ts';

const box = [0.1, 0.2, 0.5, 0.8];
const object = { phrase: 'cat', boxes: [box] };

describe('a layout file', () => {
  test('places phrases, tokens and concepts in one or several boxes', () => {
    const objects = [
      object,
      { token: '<my-cat>', boxes: [box, [0, 0, 1, 1]] },
      { concept: 'teddy', occurrences: [2], boxes: [box] },
    ];
    expect(parseLayoutText(JSON.stringify({ objects }), 'layout.json')).toEqual({
      objects: [
        object,
        { phrase: '<my-cat>', boxes: [box, [0, 0, 1, 1]] },
        { phrase: 'teddy', occurrences: [2], boxes: [box] },
      ],
    });
  });

  test.each([
    [
      { objects: [{ ...object, boxes: [[0.1, 0.2, 1.5, 0.8]] }] },
      'layout.json: objects[0].boxes[0][2] is 1.5; expected a number from 0 to 1',
    ],
    [
      { objects: [object, { ...object, boxes: [box, [-0.1, 0, 1, 1]] }] },
      'layout.json: objects[1].boxes[1][0] is -0.1; expected a number from 0 to 1',
    ],
    [
      { objects: [{ ...object, boxes: [['0', 0, 1, 1]] }] },
      'layout.json: objects[0].boxes[0][0] is "0"; expected a number from 0 to 1',
    ],
    [
      { objects: [{ ...object, boxes: [[0.5, 0, 0.5, 1]] }] },
      'layout.json: objects[0].boxes[0] is [0.5,0,0.5,1]; expected x0 < x1: the box is empty or reversed',
    ],
    [
      { objects: [{ ...object, boxes: [[0, 0.9, 1, 0.1]] }] },
      'layout.json: objects[0].boxes[0] is [0,0.9,1,0.1]; expected y0 < y1: the box is empty or reversed',
    ],
    [
      { objects: [{ ...object, boxes: [[0, 0, 1]] }] },
      'layout.json: objects[0].boxes[0] is [0,0,1]; expected four numbers x0, y0, x1, y1',
    ],
    [
      { objects: [{ phrase: 'cat', boxes: [] }] },
      'layout.json: objects[0].boxes is []; expected at least one box',
    ],
    [
      { objects: [{ phrase: 'cat' }] },
      'layout.json: objects[0].boxes is absent; expected a list of boxes',
    ],
    [
      { objects: [{ phrase: ' ', boxes: [box] }] },
      'layout.json: objects[0].phrase is " "; expected a text',
    ],
    [
      { objects: [{ boxes: [box] }] },
      'layout.json: objects[0] is {"boxes":[[0.1,0.2,0.5,0.8]]}; expected exactly one of "phrase", "token" and "concept"',
    ],
    [
      { objects: [{ ...object, colour: 'red' }] },
      'layout.json: objects[0] is {"phrase":"cat","boxes":[[0.1,0.2,0.5,0.8]],"colour":"red"}; unknown: "colour"',
    ],
    [
      { objects: [{ ...object, occurrences: [0] }] },
      'layout.json: objects[0].occurrences[0] is 0; expected a whole number from 1',
    ],
    [{ objects: [] }, 'layout.json: objects is []; expected at least one object'],
    [{}, 'layout.json: objects is absent; expected a list of objects'],
    [[], 'layout.json is []; expected an object'],
    [null, 'layout.json is null; expected an object'],
  ])('%j is refused by the field', (value, message) => {
    const parse = () => parseLayout(value, 'layout.json');
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(message);
  });

  test.each([
    ['', 'it is empty'],
    ['{', 'line 1, column 2 is out of place'],
    ['{"objects": [\n  "cat" 1]}', 'line 2, column 9 is out of place'],
    ['hello', '"h" is out of place'],
    ['{"objects": [', 'it ends too early'],
  ])('%j is refused by its name, in our words', (text, fault) => {
    expect(() => parseLayoutText(text, 'places.json')).toThrow(
      `places.json is not JSON: ${fault}; correct it, or give another one`,
    );
  });

  test('may begin with the mark that editors of Windows write', () => {
    const text = '\uFEFF{"objects": [{"phrase": "cat", "boxes": [[0, 0, 1, 1]]}]}';
    expect(parseLayoutText(text, 'places.json').objects).toHaveLength(1);
  });
});
