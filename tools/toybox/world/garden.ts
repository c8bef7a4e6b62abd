import type { Chance } from './chance.ts';
import type { Look } from './look.ts';
import { mix, outline } from './palette.ts';
import { box, circle, ellipse, type Pen, path } from './pen.ts';

const leaf = '#58a352';
const wood = '#94633f';

/** Walls of the look, a roof of another colour, a door and windows. */
export function house(pen: Pen, _look: Look, chance: Chance): void {
  const eaves = chance.between(42, 50);
  const ridge = chance.between(8, 18);
  if (chance.happens(0.6)) pen.part(box(66, ridge + 4, 11, 26), '#b7705a');
  pen.body(box(16, eaves - 4, 68, 96 - eaves));
  pen.part(path(`M6 ${eaves}L50 ${ridge}L94 ${eaves}z`), pen.second);
  const door = chance.pick([26, 43, 60]);
  pen.part(path(`M${door} 92V70Q${door + 7.5} 60 ${door + 15} 70V92z`), mix(wood, '#ffffff', 0.1));
  pen.flat(circle(door + 11, 80, 2), '#ffe27a');
  const windows = [23, 43, 62].filter((x) => Math.abs(x - door) > 12);
  for (const x of windows) {
    pen.part(box(x, 60, 15, 15, 1), '#fff2b8');
    pen.line(`M${x + 7.5} 60v15M${x} 67.5h15`, 2.5);
  }
}

/** A trunk and a crown of leaves in the look's colour. */
export function tree(pen: Pen, _look: Look, chance: Chance): void {
  pen.part(path('M43 94L45 58H55L58 94z'), wood);
  if (chance.happens(0.35)) {
    pen.body(path('M50 30L84 76H16z'));
    pen.body(path('M50 5L76 44H24z'));
    return;
  }
  const puff = chance.between(20, 25);
  const d = `M24 66A${puff} ${puff} 0 0 1 16 36A${puff} ${puff} 0 0 1 42 12A${puff + 3} ${puff} 0 0 1 78 22A${puff} ${puff} 0 0 1 82 60A${puff} ${puff} 0 0 1 52 72A${puff} ${puff} 0 0 1 24 66z`;
  pen.body(path(d));
}

/** Petals around a face on a stem with two leaves. */
export function flower(pen: Pen, look: Look, chance: Chance): void {
  const petals = chance.pick([5, 6, 7, 8]);
  const start = chance.between(0, 60);
  const reach = chance.between(19, 22);
  pen.limb('M50 58Q47 76 50 94', 4, leaf);
  pen.part(path('M49 84Q28 84 26 68Q46 66 49 84z'), leaf);
  if (chance.happens(0.7)) pen.part(path('M51 80Q70 82 74 66Q54 62 51 80z'), leaf);
  for (let index = 0; index < petals; index++) {
    const angle = start + (360 * index) / petals;
    pen.body(
      `${ellipse(50, 36 - reach, 43 / petals + 4.5, 14)} transform="rotate(${angle.toFixed(1)} 50 36)"`,
    );
  }
  pen.part(circle(50, 36, 13.5), look.colour === 'yellow' ? '#b06a35' : '#ffd34f');
  pen.flat(circle(45.5, 34.5, 2.4), outline);
  pen.flat(circle(54.5, 34.5, 2.4), outline);
  pen.line('M46.5 40Q50 43 53.5 40', 2.4);
}

/** A wide cap of the look on a pale stem, often with a face. */
export function mushroom(pen: Pen, _look: Look, chance: Chance): void {
  const wide = chance.between(36, 44);
  const top = chance.between(8, 20);
  const stem = chance.between(12, 17);
  pen.part(
    path(
      `M${50 - stem} 54Q${52 - stem} 76 ${46 - stem} 92H${54 + stem}Q${48 + stem} 76 ${50 + stem} 54z`,
    ),
    '#fbf0dc',
  );
  pen.body(
    path(
      `M${50 - wide} 58Q${50 - wide} ${top} 50 ${top}Q${50 + wide} ${top} ${50 + wide} 58Q50 66 ${50 - wide} 58z`,
    ),
  );
  pen.flat(circle(44, 74, 2.8), outline);
  pen.flat(circle(56, 74, 2.8), outline);
  pen.line('M46.5 80Q50 83.5 53.5 80', 2.6);
}

/** Two arms, spines, in a pot of another colour. */
export function cactus(pen: Pen, look: Look, chance: Chance): void {
  const left = chance.between(26, 40);
  const right = chance.between(26, 44);
  pen.body(path(`M36 60H30Q16 60 16 48V${left}A6.5 6.5 0 0 1 29 ${left}V47H37z`));
  pen.body(path(`M64 56H70Q84 56 84 44V${right - 6}A6.5 6.5 0 0 0 71 ${right - 6}V43H63z`));
  pen.body(box(35, 8, 30, 70, 15));
  if (chance.happens(0.6)) pen.part(circle(50, 9, 6), look.colour === 'pink' ? '#fff' : '#f58ab0');
  pen.face(50, 38, 15);
  pen.part(path('M28 70H72L67 94H33z'), pen.second);
  pen.part(box(25, 66, 50, 8, 3), pen.second);
}
