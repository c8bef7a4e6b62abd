import type { Chance } from './chance.ts';
import type { AccessoryName, Look } from './look.ts';
import { colourNames, lightness, mix, outline, palette } from './palette.ts';
import { patternDefinition } from './patterns.ts';

/** An SVG element without its brackets and colours, such as `circle cx="50" cy="50" r="20"`. */
export type Shape = string;

export const path = (d: string): Shape => `path d="${d}"`;
export const circle = (x: number, y: number, r: number): Shape =>
  `circle cx="${x}" cy="${y}" r="${r}"`;
export const ellipse = (x: number, y: number, rx: number, ry: number): Shape =>
  `ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}"`;
export const box = (x: number, y: number, width: number, height: number, r = 0): Shape =>
  `rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${r}"`;

const lineWidth = 4;

/** Draws one thing of a given look on a sheet of 100 x 100 units. */
export class Pen {
  readonly main: string;
  /** A second colour that goes with the first, for roofs, sails and straps. */
  readonly second: string;
  readonly #pattern?: string;
  readonly #chance: Chance;
  #elements: string[] = [];

  constructor(look: Look, chance: Chance, id: string) {
    this.#chance = chance;
    this.main = mix(
      palette[look.colour],
      chance.pick(['#ffffff', '#000000']),
      chance.between(0, 0.08),
    );
    const others = colourNames.filter((name) => name !== look.colour);
    this.second = palette[chance.pick(others)];
    if (look.pattern !== 'plain') {
      const dark = lightness(this.main) < 0.62;
      const ink = dark ? mix(this.main, '#fffaf0', 0.78) : mix(this.main, outline, 0.62);
      const angle = chance.pick([0, 0, 25, -25]) + chance.between(-6, 6);
      this.#elements.push(`<defs>${patternDefinition(id, look.pattern, ink, angle)}</defs>`);
      this.#pattern = `url(#${id})`;
    }
  }

  /** Of the thing's own colour and pattern. */
  body(shape: Shape): void {
    const fill = this.#pattern ? `<${shape} fill="${this.#pattern}"/>` : '';
    this.#elements.push(`<${shape} fill="${this.main}"/>${fill}<${shape} ${stroke(lineWidth)}/>`);
  }

  /** Of one colour, outlined. */
  part(shape: Shape, colour: string): void {
    this.#elements.push(`<${shape} fill="${colour}" ${stroke(lineWidth, '')}/>`);
  }

  /** Of one colour, without an outline. */
  flat(shape: Shape, colour: string): void {
    this.#elements.push(`<${shape} fill="${colour}"/>`);
  }

  line(d: string, width = lineWidth, colour: string = outline): void {
    this.#elements.push(`<path d="${d}" ${stroke(width, 'fill="none"', colour)}/>`);
  }

  /** A thick outlined line: a leg, a tail, a trunk. */
  limb(d: string, width: number, colour = this.main): void {
    this.line(d, width + 2 * lineWidth - 1);
    this.line(d, width, colour);
  }

  /** Two eyes and a mouth around a point; `size` is the distance of the eyes. */
  face(x: number, y: number, size: number): void {
    const half = size / 2;
    const dark = lightness(this.main) < 0.45;
    const r = Math.max(3.4, size * 0.16);
    for (const eyeX of [x - half, x + half]) {
      if (dark) this.flat(circle(eyeX, y, r + 1.8), '#ffffff');
      this.flat(circle(eyeX, y, r), outline);
      this.flat(circle(eyeX + r * 0.3, y - r * 0.35, r * 0.38), '#ffffff');
    }
    const mouthY = y + size * 0.34;
    const smile = this.#chance.pick([0.16, 0.22, 0.1]) * size;
    const ink = dark ? '#ffffff' : outline;
    this.line(
      `M${x - smile} ${mouthY}Q${x} ${mouthY + smile * 1.3} ${x + smile} ${mouthY}`,
      3,
      ink,
    );
  }

  /** @param head the head's top centre, its width, and where its eyes are */
  wear(accessory: AccessoryName | undefined, head: Head): void {
    if (accessory) accessories[accessory](this, head);
  }

  toString(): string {
    return this.#elements.join('');
  }
}

export interface Head {
  readonly x: number;
  readonly top: number;
  readonly width: number;
  readonly eyes: number;
  readonly chin: number;
}

const accessories: Record<AccessoryName, (pen: Pen, head: Head) => void> = {
  hat: (pen, { x, top, width }) => {
    const half = width * 0.34;
    pen.part(box(x - half * 0.66, top - width * 0.34, half * 1.32, width * 0.4, 2), '#4b3f72');
    pen.flat(box(x - half * 0.62, top - width * 0.08, half * 1.24, width * 0.1), '#f2c14e');
    pen.part(box(x - half * 1.2, top + width * 0.02, half * 2.4, width * 0.1, 3), '#4b3f72');
  },
  crown: (pen, { x, top, width }) => {
    const half = width * 0.34;
    const [low, high] = [top + width * 0.1, top - width * 0.24];
    const points = `M${x - half} ${low}V${high}L${x - half / 2} ${top - width * 0.06}L${x} ${high - 3}L${x + half / 2} ${top - width * 0.06}L${x + half} ${high}V${low}z`;
    pen.part(path(points), '#fbd04b');
    pen.flat(circle(x, top + 1, 3), '#e0483f');
  },
  bow: (pen, { x, top, width }) => {
    const [bx, by, s] = [x + width * 0.26, top + width * 0.1, width * 0.24];
    const wings = `M${bx} ${by}L${bx - s} ${by - s * 0.75}V${by + s * 0.75}zM${bx} ${by}L${bx + s} ${by - s * 0.75}V${by + s * 0.75}z`;
    pen.part(path(wings), '#f0508a');
    pen.part(circle(bx, by, s * 0.3), '#f0508a');
  },
  scarf: (pen, { x, chin, width }) => {
    const half = width * 0.4;
    const tail = path(
      `M${x + half * 0.35} ${chin}l${width * 0.2} ${width * 0.42}h${-width * 0.26}z`,
    );
    pen.part(tail, '#e8613c');
    pen.part(box(x - half, chin - width * 0.09, half * 2, width * 0.2, width * 0.1), '#e8613c');
  },
  glasses: (pen, { x, eyes, width }) => {
    const r = width * 0.17;
    for (const side of [-1, 1]) {
      const lens = circle(x + side * width * 0.21, eyes, r);
      pen.flat(`${lens} fill-opacity="0.35"`, '#bfe8ff');
      pen.line(
        `M${x + side * width * 0.21 - r} ${eyes}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
        3.6,
        '#22303f',
      );
    }
    pen.line(`M${x - width * 0.06} ${eyes}H${x + width * 0.06}`, 3.6, '#22303f');
  },
};

function stroke(width: number, fill = 'fill="none"', colour: string = outline): string {
  return `${fill} stroke="${colour}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"`;
}
