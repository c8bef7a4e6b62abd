import type { Chance } from './chance.ts';
import type { Look } from './look.ts';
import { mix, outline } from './palette.ts';
import { box, circle, ellipse, type Pen, path } from './pen.ts';

const glass = '#cdeaf7';
const metal = '#c9ccd6';

/** A small car from the side. */
export function car(pen: Pen, _look: Look, chance: Chance): void {
  const roof = chance.between(24, 32);
  const nose = chance.between(70, 78);
  pen.body(
    path(
      `M22 54L30 ${roof + 4}Q32 ${roof} 38 ${roof}H60Q66 ${roof} 70 ${roof + 6}L${nose} 52L90 55Q96 57 96 64V76H4V60Q4 55 10 54z`,
    ),
  );
  pen.part(path(`M29 51L35 ${roof + 8}H46V51z`), glass);
  pen.part(path(`M52 51V${roof + 8}H60Q63 ${roof + 8} 65 ${roof + 11}L70 51z`), glass);
  pen.flat(circle(90, 64, 4.5), '#ffe27a');
  pen.flat(box(5, 60, 5, 8), '#ef5a4a');
  for (const x of [25, 74]) {
    pen.part(circle(x, 77, 13), '#3e3a47');
    pen.flat(circle(x, 77, 5.5), metal);
  }
}

/** A sailing boat; hull and sail share the look. */
export function boat(pen: Pen, _look: Look, chance: Chance): void {
  const top = chance.between(6, 14);
  const reach = chance.between(80, 90);
  pen.line(`M48 ${top}V68`, 5.5, '#7d563c');
  pen.body(path(`M52 ${top + 3}Q${reach} 34 ${reach - 2} 60H52z`));
  pen.part(path(`M44 ${top + 14}Q26 44 18 60H44z`), mix(pen.second, '#ffffff', 0.35));
  pen.body(path(`M5 68H95Q90 92 72 92H28Q10 92 5 68z`));
  for (const x of [32, 50, 68]) pen.part(circle(x, 79, 4.4), glass);
  if (chance.happens(0.5)) pen.part(path(`M48 ${top}l-14 -4v10z`), pen.second);
}

/** A hot-air balloon. */
export function balloon(pen: Pen, _look: Look, chance: Chance): void {
  const wide = chance.between(30, 37);
  const low = chance.between(58, 64);
  pen.line(`M34 ${low}L42 82M66 ${low}L58 82`, 3);
  pen.body(
    path(
      `M50 5C${50 + wide * 1.3} 5 ${52 + wide * 1.1} 46 60 ${low + 6}H40C${48 - wide * 1.1} 46 ${50 - wide * 1.3} 5 50 5z`,
    ),
  );
  pen.part(box(38, low + 4, 24, 5, 2), pen.second);
  pen.part(box(40, 80, 20, 15, 3), '#b5814f');
  pen.line('M41 86H59', 2.5);
}

/** A rocket with fins, a round window and a flame. */
export function spaceship(pen: Pen, _look: Look, chance: Chance): void {
  const wide = chance.between(17, 22);
  const flame = chance.between(88, 97);
  pen.part(path(`M40 80Q42 ${flame} 50 ${flame + 1}Q58 ${flame} 60 80z`), '#ffb238');
  pen.flat(path(`M45 80Q46 ${flame - 6} 50 ${flame - 4}Q54 ${flame - 6} 55 80z`), '#fff0a0');
  for (const side of [-1, 1]) {
    const x = 50 + side * wide;
    pen.part(
      path(`M${x - side * 2} 54Q${x + side * 20} 66 ${x + side * 16} 86L${x - side * 5} 78z`),
      pen.second,
    );
  }
  pen.body(
    path(
      `M50 3Q${52 + wide} 22 ${50 + wide} 52Q${50 + wide} 70 ${44 + wide} 81H${56 - wide}Q${50 - wide} 70 ${50 - wide} 52Q${48 - wide} 22 50 3z`,
    ),
  );
  pen.part(circle(50, 40, 10), glass);
  pen.flat(circle(47, 37, 3), '#ffffff');
  if (chance.happens(0.5)) pen.flat(box(53 - wide, 64, wide * 2 - 6, 5, 2), pen.second);
}

/** Square head with an antenna, arms and a panel. */
export function robot(pen: Pen, look: Look, chance: Chance): void {
  const wide = chance.between(19, 24);
  const raised = chance.happens(0.4);
  const arm = raised ? 44 : 80;
  pen.limb(`M${52 - wide} 64L${40 - wide} ${arm}`, 6, metal);
  pen.limb(`M${48 + wide} 64L${60 + wide} ${chance.happens(0.5) ? arm : 80}`, 6, metal);
  pen.limb('M41 86V92M59 86V92', 7, metal);
  pen.line('M50 18V8', 4);
  pen.part(circle(50, 7, 4.5), chance.pick(['#f25c54', '#ffd23f', '#7bd389']));
  pen.body(box(53 - wide, 54, wide * 2 - 6, 34, 5));
  pen.part(box(60 - wide, 62, wide * 2 - 20, 14, 3), '#f4f1e8');
  pen.flat(circle(57 - wide + 8, 69, 3), '#f25c54');
  pen.flat(circle(57 - wide + 16, 69, 3), '#5fb457');
  pen.body(box(50 - wide, 17, wide * 2, 35, 7));
  pen.part(box(55 - wide, 24, wide * 2 - 10, 21, 6), '#2f3a4d');
  for (const side of [-1, 1]) pen.flat(circle(50 + side * wide * 0.38, 32, 4), '#8ff0e4');
  pen.line('M45 39.5Q50 42.5 55 39.5', 3, '#8ff0e4');
  pen.wear(look.accessory, { x: 50, top: 17, width: wide * 2, eyes: 32, chin: 54 });
}

/** An alarm clock on two feet. */
export function clock(pen: Pen, _look: Look, chance: Chance): void {
  const hour = chance.between(0, 360);
  const minute = chance.between(0, 360);
  pen.limb('M34 82L27 93M66 82L73 93', 5, metal);
  pen.part(path('M17 33A17 17 0 0 1 41 15z'), pen.second);
  pen.part(path('M83 33A17 17 0 0 0 59 15z'), pen.second);
  pen.line('M50 18V10M44 9H56', 4.5);
  pen.body(circle(50, 54, 37));
  pen.part(circle(50, 54, 24), '#fffaf0');
  for (const angle of [0, 90, 180, 270]) {
    pen.flat(`${circle(50, 36, 2.2)} transform="rotate(${angle} 50 54)"`, outline);
  }
  pen.line(`M50 54L${50 + 10 * Math.cos(hour)} ${54 + 10 * Math.sin(hour)}`, 4.5);
  pen.line(`M50 54L${50 + 16 * Math.cos(minute)} ${54 + 16 * Math.sin(minute)}`, 3, '#d8443c');
}

/** A ball of panels. */
export function ball(pen: Pen, _look: Look, chance: Chance): void {
  const turn = chance.between(0, 90);
  pen.body(circle(50, 50, 42));
  pen.flat(
    `${path('M50 8A42 42 0 0 1 92 50Q58 44 50 8z')} transform="rotate(${turn} 50 50)"`,
    pen.second,
  );
  pen.line('M8 50A42 42 0 1 0 92 50A42 42 0 1 0 8 50');
  pen.flat(`${ellipse(34, 28, 9, 5)} transform="rotate(-40 34 28)" fill-opacity="0.75"`, '#ffffff');
}
