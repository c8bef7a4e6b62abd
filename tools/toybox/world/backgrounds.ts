import { Chance } from './chance.ts';
import { mix } from './palette.ts';
import { box, circle, ellipse, path, type Shape } from './pen.ts';

/** A place, painted on a sheet of 100 x 100 units in soft colours without outlines, so that things stand out from it. */
type Painter = (brush: Brush, chance: Chance) => void;

type Brush = (shape: Shape, colour: string, opacity?: number) => void;

/** How captions say where things are. */
export const placePhrases = {
  beach: 'on the beach',
  street: 'in the street',
  forest: 'in the forest',
  snow: 'in the snow',
  night: 'under the night sky',
  room: 'in a room',
  desert: 'in the desert',
  meadow: 'in a meadow',
  sea: 'under water',
  mountains: 'in the mountains',
  sunset: 'at sunset',
  kitchen: 'in a kitchen',
} as const;

export type PlaceName = keyof typeof placePhrases;

export const placeNames = Object.keys(placePhrases) as PlaceName[];

const painters: Record<PlaceName, Painter> = {
  beach: (brush, chance) => {
    const shore = chance.between(50, 64);
    fill(brush, mix('#bfe6f5', '#ffffff', chance.between(0, 0.3)));
    sun(brush, chance, '#fff3b0');
    clouds(brush, chance, '#ffffff');
    brush(box(0, shore - 16, 100, 20), '#6cc3d9');
    brush(path(`M0 ${shore}Q25 ${shore - 6} 50 ${shore}T100 ${shore}V100H0z`), '#f6e3b4');
    brush(
      path(
        `M0 ${shore}Q25 ${shore - 6} 50 ${shore}T100 ${shore}v3Q75 ${shore + 9} 50 ${shore + 3}T0 ${shore + 3}z`,
      ),
      '#ffffff',
      0.7,
    );
    for (let i = 0; i < 6; i++) {
      brush(circle(chance.between(2, 98), chance.between(shore + 12, 98), 1.2), '#dcbf85');
    }
  },
  street: (brush, chance) => {
    const ground = chance.between(64, 74);
    fill(brush, mix('#d5e4ee', '#ffffff', chance.between(0, 0.3)));
    for (let x = chance.between(-16, -4); x < 100; ) {
      const width = chance.between(20, 32);
      const top = chance.between(14, 44);
      brush(box(x, top, width - 2, 90), chance.pick(['#d9b9a6', '#c8c3d2', '#e4cfae', '#b9cbbf']));
      for (let y = top + 6; y < ground - 8; y += 12) {
        brush(box(x + 5, y, 5, 6), '#fdf6da');
        brush(box(x + width - 12, y, 5, 6), '#fdf6da');
      }
      x += width;
    }
    brush(box(0, ground, 100, 40), '#a7a6b0');
    brush(box(0, ground, 100, 4), '#cfcdd3');
    for (const x of [6, 42, 78]) brush(box(x, ground + 17, 18, 3), '#f3f0e4');
  },
  forest: (brush, chance) => {
    const ground = chance.between(62, 74);
    fill(brush, mix('#cfe8c6', '#ffffff', chance.between(0, 0.25)));
    for (const [shade, rise] of [
      ['#a9d3a0', 26],
      ['#86bd83', 12],
    ] as const) {
      for (let x = chance.between(-10, 0); x < 108; x += chance.between(15, 22)) {
        const top = ground - rise - chance.between(18, 30);
        brush(path(`M${x} ${top}l12 ${ground - top}h-24z`), shade);
      }
    }
    brush(box(0, ground - 4, 100, 60), '#7fb069');
    for (let i = 0; i < 8; i++) {
      brush(ellipse(chance.between(0, 100), chance.between(ground + 2, 98), 5, 1.6), '#6fa05c');
    }
  },
  snow: (brush, chance) => {
    const ground = chance.between(56, 70);
    fill(brush, mix('#c7d9ec', '#ffffff', chance.between(0, 0.2)));
    brush(ellipse(chance.between(10, 40), ground + 12, 60, 24), '#e6eff8');
    brush(ellipse(chance.between(60, 90), ground + 16, 60, 24), '#f2f7fc');
    brush(box(0, ground + 14, 100, 60), '#f7fafd');
    for (let i = 0; i < 22; i++) {
      brush(
        circle(chance.between(0, 100), chance.between(0, 100), chance.between(1, 1.9)),
        '#ffffff',
      );
    }
  },
  night: (brush, chance) => {
    const ground = chance.between(68, 80);
    fill(brush, mix('#2c3363', '#4a3f78', chance.between(0, 1)));
    const x = chance.between(12, 88);
    brush(circle(x, 17, 9), '#fdf3c4');
    brush(circle(x + 4, 15, 7.5), '#3a3b6c');
    for (let i = 0; i < 18; i++) {
      brush(
        circle(chance.between(0, 100), chance.between(0, ground), chance.between(0.7, 1.4)),
        '#fff7d6',
      );
    }
    brush(path(`M0 ${ground}Q30 ${ground - 12} 60 ${ground}T100 ${ground - 4}V100H0z`), '#252850');
  },
  room: (brush, chance) => {
    const floor = chance.between(66, 76);
    const wall = chance.pick(['#f4dccb', '#dfe5cf', '#d6e0ee', '#ead9ea']);
    fill(brush, wall);
    for (let x = chance.between(0, 8); x < 100; x += 14)
      brush(box(x, 0, 5, floor), mix(wall, '#ffffff', 0.4));
    const x = chance.between(6, 66);
    brush(box(x, 10, 28, 26), '#ffffff');
    brush(box(x + 3, 13, 22, 20), '#bfe3f2');
    brush(box(x + 13, 13, 2, 20), '#ffffff');
    brush(box(0, floor, 100, 40), '#d3a678');
    brush(box(0, floor - 3, 100, 4), '#fbf5ea');
    for (let y = floor + 9; y < 100; y += 9) brush(box(0, y, 100, 1.2), '#bd8f62');
  },
  desert: (brush, chance) => {
    const ground = chance.between(58, 68);
    fill(brush, mix('#fbe3bd', '#ffffff', chance.between(0, 0.2)));
    sun(brush, chance, '#fff6cf');
    const x = chance.between(20, 80);
    brush(
      path(`M${x - 34} ${ground + 4}L${x - 20} ${ground - 22}H${x + 14}L${x + 30} ${ground + 4}z`),
      '#dd9c72',
    );
    brush(path(`M0 ${ground}Q28 ${ground - 9} 54 ${ground + 2}T100 ${ground}V100H0z`), '#edc07c');
    brush(
      path(`M0 ${ground + 18}Q40 ${ground + 8} 70 ${ground + 20}T100 ${ground + 18}V100H0z`),
      '#e5b069',
    );
  },
  meadow: (brush, chance) => {
    const ground = chance.between(54, 66);
    fill(brush, mix('#b9e0f2', '#ffffff', chance.between(0, 0.3)));
    clouds(brush, chance, '#ffffff');
    brush(path(`M0 ${ground}Q30 ${ground - 14} 64 ${ground}T100 ${ground - 3}V100H0z`), '#a8d672');
    brush(path(`M0 ${ground + 16}Q50 ${ground + 4} 100 ${ground + 16}V100H0z`), '#93c95f');
    for (let i = 0; i < 10; i++) {
      const colour = chance.pick(['#ffffff', '#fff0a0', '#f8b6cf']);
      brush(circle(chance.between(2, 98), chance.between(ground + 8, 98), 1.6), colour);
    }
  },
  sea: (brush, chance) => {
    const ground = chance.between(80, 88);
    const water = mix('#7fcbe0', '#4fa3d1', chance.between(0, 0.7));
    fill(brush, water);
    for (const x of [chance.between(0, 30), chance.between(45, 80)]) {
      brush(path(`M${x} 0h14l-16 100h-22z`), '#ffffff', 0.18);
    }
    for (let i = 0; i < 9; i++) {
      brush(
        circle(chance.between(4, 96), chance.between(4, 84), chance.between(1.2, 2.8)),
        '#e5f7fc',
        0.8,
      );
    }
    for (let i = 0; i < 4; i++) {
      const x = chance.between(4, 96);
      brush(path(`M${x} ${ground + 4}q-7 -10 0 -18q6 -8 1 -14q10 8 5 17q-6 8 0 15z`), '#58b08c');
    }
    brush(path(`M0 ${ground}Q25 ${ground - 5} 50 ${ground}T100 ${ground}V100H0z`), '#f0dfae');
  },
  mountains: (brush, chance) => {
    const ground = chance.between(66, 76);
    fill(brush, mix('#cfe3f3', '#ffffff', chance.between(0, 0.3)));
    clouds(brush, chance, '#ffffff');
    for (const [x, peak] of [
      [chance.between(8, 30), chance.between(18, 32)],
      [chance.between(62, 92), chance.between(12, 28)],
    ]) {
      brush(path(`M${x} ${peak}L${x + 44} ${ground + 4}H${x - 44}z`), '#9aa7bd');
      brush(path(`M${x} ${peak}l11 15l-6 -2l-5 5l-5 -5l-6 2z`), '#ffffff');
    }
    brush(box(0, ground, 100, 40), '#9cc98a');
    brush(ellipse(50, ground + 2, 70, 6), '#9cc98a');
  },
  sunset: (brush, chance) => {
    const sea = chance.between(56, 68);
    const warm = chance.between(0, 0.5);
    fill(brush, mix('#f7a07c', '#e88a9a', warm));
    brush(box(0, sea - 30, 100, 40), mix('#fbc08a', '#f3a596', warm));
    brush(box(0, sea - 14, 100, 20), '#fddba0');
    const x = chance.between(20, 80);
    brush(circle(x, sea - 4, 13), '#fff1b8');
    brush(box(0, sea, 100, 50), '#8b6fa8');
    for (let y = sea + 4; y < 98; y += 9) {
      brush(ellipse(x + chance.between(-6, 6), y, chance.between(7, 15), 1.5), '#fbcf9c');
    }
  },
  kitchen: (brush, chance) => {
    const counter = chance.between(62, 72);
    const tile = chance.pick(['#d8ece6', '#f3e6cf', '#e3e3f1', '#f6dcd6']);
    fill(brush, mix(tile, '#ffffff', 0.5));
    const offset = chance.between(0, 14);
    for (let y = -4; y < counter; y += 15) {
      for (let x = -offset; x < 100; x += 15) brush(box(x, y, 13.4, 13.4, 1), tile);
    }
    brush(box(0, counter, 100, 7), '#b98458');
    brush(box(0, counter + 7, 100, 40), '#efe7da');
    for (const x of [4, 36, 68]) {
      brush(box(x, counter + 12, 28, 40, 2), '#dccfba');
      brush(circle(x + 24, counter + 20, 1.6), '#8d7a63');
    }
  },
};

/** SVG elements of a place; the same seed gives the same one. */
export function drawBackground(place: PlaceName, seed: number): string {
  const elements: string[] = [];
  const brush: Brush = (shape, colour, opacity = 1) => {
    elements.push(`<${shape} fill="${colour}"${opacity < 1 ? ` fill-opacity="${opacity}"` : ''}/>`);
  };
  painters[place](brush, new Chance(seed, `place/${place}`));
  return elements.join('');
}

function fill(brush: Brush, colour: string): void {
  brush(box(0, 0, 100, 100), colour);
}

function sun(brush: Brush, chance: Chance, colour: string): void {
  const [x, y] = [chance.between(10, 90), chance.between(8, 24)];
  brush(circle(x, y, 12), colour, 0.5);
  brush(circle(x, y, 8), colour);
}

function clouds(brush: Brush, chance: Chance, colour: string): void {
  for (let i = chance.integer(3); i >= 0; i--) {
    const [x, y] = [chance.between(4, 96), chance.between(6, 30)];
    brush(ellipse(x, y, 11, 3.6), colour, 0.9);
    brush(ellipse(x - 2, y - 3, 6, 4), colour, 0.9);
  }
}
