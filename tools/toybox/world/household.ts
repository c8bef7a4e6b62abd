import type { Chance } from './chance.ts';
import type { Look } from './look.ts';
import { mix } from './palette.ts';
import { box, circle, ellipse, type Pen, path } from './pen.ts';

const paper = '#fff8e6';
const wood = '#94633f';

/** A mug with a handle, sometimes steaming, often with a face. */
export function cup(pen: Pen, _look: Look, chance: Chance): void {
  const top = chance.between(28, 36);
  const foot = chance.between(2, 10);
  pen.limb(`M72 ${top + 14}Q96 ${top + 12} 92 ${top + 30}Q88 ${top + 44} 68 ${top + 42}`, 6);
  if (chance.happens(0.5)) {
    pen.line(`M36 ${top - 8}q-6 -7 0 -13M52 ${top - 8}q-6 -7 0 -13`, 4, '#b9b4c4');
  }
  pen.body(
    path(`M14 ${top}H76L${74 - foot} 84Q${70 - foot} 92 45 92Q${20 + foot} 92 ${16 + foot} 84z`),
  );
  pen.part(ellipse(45, top, 31, 7), '#6b4632');
  pen.face(45, top + 25, 19);
}

/** A closed book in perspective, or an open one. */
export function book(pen: Pen, _look: Look, chance: Chance): void {
  const tilt = chance.between(-8, 8);
  const turn = `transform="rotate(${tilt.toFixed(1)} 50 50)"`;
  pen.part(`${path('M26 16H84V90H26z')} ${turn}`, paper);
  pen.body(`${path('M18 10H76V82H18z')} ${turn}`);
  pen.part(`${path('M18 82L26 92H84V86L76 82z')} ${turn}`, paper);
  pen.part(`${box(32, 24, 32, 16, 2)} ${turn}`, paper);
  pen.flat(`${box(37, 30, 22, 4)} ${turn}`, mix(pen.second, '#000000', 0.2));
  if (chance.happens(0.5)) pen.part(`${path('M62 10H71V34L66.5 28L62 34z')} ${turn}`, pen.second);
}

/** Rounded, with a flap, a front pocket and straps. */
export function backpack(pen: Pen, _look: Look, chance: Chance): void {
  const wide = chance.between(28, 34);
  const flap = chance.between(40, 50);
  pen.limb('M38 16Q38 5 50 5Q62 5 62 16', 4, pen.second);
  pen.limb(
    `M${52 - wide} 52Q${40 - wide} 66 ${52 - wide} 80M${48 + wide} 52Q${60 + wide} 66 ${48 + wide} 80`,
    5,
    pen.second,
  );
  pen.body(
    path(
      `M${50 - wide} 90V42Q${50 - wide} 14 50 14Q${50 + wide} 14 ${50 + wide} 42V90Q50 96 ${50 - wide} 90z`,
    ),
  );
  pen.line(`M${52 - wide} ${flap}Q50 ${flap + 10} ${48 + wide} ${flap}`, 4);
  pen.part(box(58 - wide, 62, wide * 2 - 16, 22, 6), mix(pen.main, '#ffffff', 0.25));
  pen.line(`M${61 - wide} 69H${39 + wide}`, 3);
  pen.part(box(45.5, flap + 1, 9, 11, 2), '#ffd34f');
}

/** Back, seat and four legs, turned a little. */
export function chair(pen: Pen, _look: Look, chance: Chance): void {
  const back = chance.between(6, 16);
  const seat = chance.between(54, 60);
  const leg = mix(wood, '#ffffff', chance.between(0, 0.2));
  pen.limb(`M30 ${seat}V92M74 ${seat}V84`, 5, leg);
  pen.limb(`M22 ${seat + 8}V95M82 ${seat + 8}V95`, 5, leg);
  pen.body(box(26, back, 52, seat - back - 6, chance.pick([4, 12, 22])));
  pen.limb(`M31 ${seat - 8}V${seat}M73 ${seat - 8}V${seat}`, 4, leg);
  pen.body(path(`M28 ${seat - 2}H76L88 ${seat + 12}H16z`));
}

/** A table lamp whose shade has the look. */
export function lamp(pen: Pen, _look: Look, chance: Chance): void {
  const top = chance.between(16, 24);
  const low = chance.between(48, 54);
  pen.flat(`${path(`M22 ${low}L8 92H92L78 ${low}z`)} fill-opacity="0.28"`, '#fff3a8');
  pen.limb(`M50 ${low}V84`, 5, pen.second);
  pen.part(path('M28 93Q30 82 50 82Q70 82 72 93z'), pen.second);
  pen.part(circle(50, low + 2, 6), '#ffe680');
  pen.body(path(`M${34 - (24 - top)} ${top - 8}H${66 + (24 - top)}L86 ${low}H14z`));
}

/** Open, with scallops and a crooked handle. */
export function umbrella(pen: Pen, _look: Look, chance: Chance): void {
  const top = chance.between(8, 14);
  const turn = `transform="rotate(${chance.between(-14, 14).toFixed(1)} 50 54)"`;
  pen.part(
    `${path('M48 48H52V82Q52 92 44 92Q37 92 37 84L40.5 84Q41 88 44 88Q48 88 48 82z')} ${turn}`,
    wood,
  );
  pen.body(
    `${path(`M6 54Q8 ${top} 50 ${top}Q92 ${top} 94 54Q86 46 79 54Q72 46 64.5 54Q57 46 50 54Q43 46 35.5 54Q28 46 21 54Q14 46 6 54z`)} ${turn}`,
  );
  pen.part(`${path(`M47.5 ${top}V${top - 6}H52.5V${top}z`)} ${turn}`, wood);
}
