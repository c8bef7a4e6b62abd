import type { Chance } from './chance.ts';
import type { Look } from './look.ts';
import { mix, outline } from './palette.ts';
import { box, circle, ellipse, type Pen, path } from './pen.ts';

/** Sits and looks at us; pointed ears, whiskers, a curled tail. */
export function cat(pen: Pen, look: Look, chance: Chance): void {
  const ear = chance.between(13, 19);
  const wide = chance.between(23, 28);
  const tail = chance.between(52, 64);
  pen.limb(`M66 86C92 88 92 ${tail} 80 ${tail - 4}`, 8);
  pen.body(
    path(`M${50 - wide * 0.8} 92Q${48 - wide} 60 50 58Q${52 + wide} 60 ${50 + wide * 0.8} 92z`),
  );
  pen.flat(ellipse(50, 82, 9, 10), mix(pen.main, '#fff8ee', 0.6));
  const side = 50 - wide;
  pen.body(
    path(
      `M${side} 40L${side + 2} ${24 - ear}L${side + 18} 22Q50 19 ${82 - side} 22L${98 - side} ${24 - ear}L${100 - side} 40Q${100 - side} 64 50 64Q${side} 64 ${side} 40z`,
    ),
  );
  pen.face(50, 41, wide * 0.92);
  pen.flat(path('M46.5 46.5h7l-3.5 4z'), '#f27d8e');
  for (const y of [48, 53]) {
    pen.line(`M${side + 7} ${y}L${side - 8} ${y + (y - 50)}`, 2);
    pen.line(`M${93 - side} ${y}L${108 - side} ${y + (y - 50)}`, 2);
  }
  pen.wear(look.accessory, { x: 50, top: 20, width: wide * 2, eyes: 41, chin: 64 });
}

/** Sits; hanging ears, a muzzle, the tongue out. */
export function dog(pen: Pen, look: Look, chance: Chance): void {
  const wide = chance.between(20, 24);
  const ear = chance.between(22, 32);
  const shade = mix(pen.main, outline, 0.32);
  pen.limb(`M68 84Q86 80 ${chance.between(84, 92)} ${chance.between(58, 66)}`, 7);
  pen.body(path('M32 92Q28 62 50 58Q72 62 68 92z'));
  pen.part(ellipse(38, 90, 8, 5), pen.main);
  pen.part(ellipse(62, 90, 8, 5), pen.main);
  pen.body(box(50 - wide, 14, wide * 2, 48, 20));
  for (const side of [-1, 1]) {
    const x = 50 + side * wide;
    pen.part(
      path(
        `M${x - side * 5} 17Q${x + side * 14} 16 ${x + side * 12} ${18 + ear}Q${x + side * 2} ${26 + ear} ${x - side * 3} ${12 + ear}z`,
      ),
      shade,
    );
  }
  pen.face(50, 33, wide * 0.95);
  pen.part(ellipse(50, 51, 14, 10), mix(pen.main, '#fff8ee', 0.7));
  pen.flat(ellipse(50, 46, 5.5, 4), outline);
  if (chance.happens(0.6)) pen.part(path('M45 56h10v6q-5 6 -10 0z'), '#f2788c');
  else pen.line('M44 55Q50 59 56 55', 3);
  pen.wear(look.accessory, { x: 50, top: 14, width: wide * 2, eyes: 33, chin: 65 });
}

/** Long upright ears, round body, a white tail. */
export function rabbit(pen: Pen, look: Look, chance: Chance): void {
  const lean = chance.between(-4, 8);
  const long = chance.between(4, 9);
  pen.part(circle(73, 82, 9), '#fffaf2');
  pen.body(ellipse(50, 77, chance.between(21, 25), 18));
  for (const side of [-1, 1]) {
    const turn = `transform="rotate(${side * lean} ${50 + side * 11} 40)"`;
    pen.body(`${ellipse(50 + side * 11, 22, 7.5, 24 - long / 2)} ${turn}`);
    pen.flat(`${ellipse(50 + side * 11, 23, 3, 15 - long / 2)} ${turn}`, '#f6a8b8');
  }
  pen.body(ellipse(50, 49, 22, 18));
  pen.face(50, 47, 21);
  pen.flat(ellipse(50, 52, 3, 2.2), '#ee6f86');
  pen.flat(ellipse(50, 82, 10, 9), mix(pen.main, '#fff8ee', 0.6));
  pen.part(ellipse(38, 93, 9, 4.5), pen.main);
  pen.part(ellipse(62, 93, 9, 4.5), pen.main);
  pen.wear(look.accessory, { x: 50, top: 33, width: 42, eyes: 47, chin: 66 });
}

/** From the side, round, with a beak, a wing and thin legs. */
export function bird(pen: Pen, look: Look, chance: Chance): void {
  const wing = chance.between(-14, 30);
  const beak = chance.pick(['#f6a52c', '#e8722c', '#f6cf3c']);
  pen.line('M46 78V93M38 93H50M60 78V93M52 93H64', 3.6, mix(beak, outline, 0.25));
  pen.body(path(`M24 62L4 ${chance.between(48, 62)}L8 76L28 74z`));
  pen.part(path('M78 36L97 42L78 50z'), beak);
  pen.body(path('M20 62Q24 46 46 44Q46 17 66 17Q86 19 84 44Q84 82 52 83Q26 82 20 62z'));
  pen.part(
    `${path('M34 56Q54 48 62 60Q56 78 32 70Q26 62 34 56z')} transform="rotate(${wing} 46 60)"`,
    mix(pen.main, outline, 0.3),
  );
  pen.flat(circle(71, 36, 7), '#ffffff');
  pen.flat(circle(73, 36, 4.2), outline);
  pen.flat(circle(66, 48, 4), '#f79ba4');
  pen.wear(look.accessory, { x: 66, top: 17, width: 38, eyes: 36, chin: 54 });
}

/** Swims to the right. */
export function fish(pen: Pen, look: Look, chance: Chance): void {
  const tall = chance.between(22, 31);
  const tail = chance.between(16, 24);
  const fin = mix(pen.main, pen.second, 0.55);
  pen.part(path(`M30 50L6 ${50 - tail}Q14 50 6 ${50 + tail}z`), fin);
  pen.part(path(`M38 ${54 - tall}Q50 ${32 - tall} 68 ${54 - tall * 0.9}z`), fin);
  pen.part(path(`M44 ${46 + tall}Q50 ${62 + tall} 62 ${46 + tall * 0.9}z`), fin);
  pen.body(
    path(
      `M22 50Q44 ${44 - tall} 72 ${60 - tall}Q94 42 94 52Q92 60 72 ${40 + tall}Q44 ${56 + tall} 22 50z`,
    ),
  );
  pen.part(path('M52 50Q42 54 40 62Q54 62 58 56z'), fin);
  pen.flat(circle(78, 45, 6.5), '#ffffff');
  pen.flat(circle(79.5, 45, 4), outline);
  pen.line('M82 58Q87 59 90 56', 3);
  pen.wear(look.accessory === 'scarf' ? undefined : look.accessory, {
    ...{ x: 74, top: 58 - tall, width: 34, eyes: 45, chin: 62 },
  });
}

/** Spread wings from above, feelers, a dark body. */
export function butterfly(pen: Pen, _look: Look, chance: Chance): void {
  const top = chance.between(4, 14);
  const low = chance.between(84, 94);
  const wide = chance.between(3, 9);
  for (const side of [-1, 1]) {
    const x = (distance: number) => 50 + side * distance;
    pen.body(
      path(
        `M${x(3)} 54Q${x(44)} 50 ${x(40 - wide / 2)} 74Q${x(30)} ${low + 6} ${x(18)} ${low - 8}Q${x(8)} 76 ${x(3)} 60z`,
      ),
    );
    pen.body(
      path(
        `M${x(3)} 50Q${x(10)} 22 ${x(30)} ${top + 4}Q${x(50 - wide)} ${top} ${x(47 - wide)} 32Q${x(44)} 56 ${x(3)} 56z`,
      ),
    );
    pen.flat(circle(x(31 - wide / 2), 30, 6), pen.second);
    pen.line(`M${x(2)} 28Q${x(6)} 14 ${x(14)} 12`, 3);
  }
  pen.part(ellipse(50, 54, 5.5, 27), '#5b4a5f');
  pen.part(circle(50, 28, 7.5), '#5b4a5f');
  pen.flat(circle(47, 27, 2), '#ffffff');
  pen.flat(circle(53, 27, 2), '#ffffff');
}
